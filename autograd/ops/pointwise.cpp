#include <cmath>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/math.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

/// Functions of one variable, element by element.
namespace weft {
namespace {

/// f(x) elementwise.
template <class F>
Tensor map(std::string_view where, const Tensor& x, F f) {
  Tensor y = empty(x.shape(), x.dtype());
  dispatch_floating(where, x.dtype(),
                    [&]<class T>() { kernels::map(x.data<T>(), y.mutable_data<T>(), f); });
  return y;
}

template <Tensor (*F)(const Tensor&)>
Sample unary_sample(Sampler& s) {
  return {{s.normal(s.shape())}, [](const auto& x) { return F(x[0]); }};
}

template <Tensor (*F)(const Tensor&)>
std::vector<ErrorSample> unary_errors(const std::string& where) {
  return {{[] { F(zeros({2}, DType::int64)); }, where + ": unsupported dtype; got int64"}};
}

}  // namespace

// y = e^x;  dx = g y
namespace {
const Op exp_op("exp", unary_sample<exp>, unary_errors<exp>("exp"), KeepOutputs::yes);
}
Tensor exp(const Tensor& x) {
  const Tensor y = map("exp", x, [](auto v) { return kernels::exp(v); });
  return record(exp_op, {x}, y, [](const Backward& backward) -> Gradients {
    return {backward.grad() * backward.output()};
  });
}

// y = ln x;  dx = g / x
namespace {
const Op log_op(
    "log",
    [](Sampler& s) -> Sample {
      return {{s.uniform(s.shape(), 0.5, 3)}, [](const auto& x) { return log(x[0]); }};
    },
    unary_errors<log>("log"));
}
Tensor log(const Tensor& x) {
  const Tensor y = map("log", x, [](auto v) { return std::log(v); });
  return record(log_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {backward.grad() / *x};
  });
}

// y = tanh x;  dx = g (1 - y^2)
namespace {
const Op tanh_op("tanh", unary_sample<tanh>, unary_errors<tanh>("tanh"), KeepOutputs::yes);
}
Tensor tanh(const Tensor& x) {
  const Tensor y = map("tanh", x, [](auto v) { return kernels::tanh(v); });
  return record(tanh_op, {x}, y, [](const Backward& backward) -> Gradients {
    const Tensor& out = backward.output();
    return {backward.grad() * (1 - out * out)};
  });
}

// y = 1 / (1 + e^-x);  dx = g y (1 - y)
namespace {
const Op sigmoid_op("sigmoid", unary_sample<sigmoid>, unary_errors<sigmoid>("sigmoid"),
                    KeepOutputs::yes);
}
Tensor sigmoid(const Tensor& x) {
  const Tensor y = map("sigmoid", x, [](auto v) { return kernels::sigmoid(v); });
  return record(sigmoid_op, {x}, y, [](const Backward& backward) -> Gradients {
    const Tensor& out = backward.output();
    return {backward.grad() * out * (1 - out)};
  });
}

// y = max(x, 0);  dx = g where x > 0, else 0 (so 0 at the kink). NaN goes through.
namespace {
const Op relu_op(
    "relu",
    [](Sampler& s) -> Sample {
      return {{s.away_from_zero(s.shape())}, [](const auto& x) { return relu(x[0]); }};
    },
    unary_errors<relu>("relu"));
}
Tensor relu(const Tensor& x) {
  const Tensor y = map("relu", x, [](auto v) { return v < 0 ? decltype(v){0} : v; });
  return record(relu_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {where(greater(*x, 0), backward.grad(), scalar(0, backward.grad().dtype()))};
  });
}

// y = x m / (1 - p) with m ~ Bernoulli(1 - p);  dx = g m / (1 - p)
// (Srivastava et al. 2014; scaled in training, so that inference needs nothing.)
namespace {
const Op dropout_op("dropout",
                    [](Sampler& s) -> Sample {
                      const double p = s.coin() ? 0.5 : 0.2;
                      return {{s.normal(s.shape())}, [p](const auto& x) {
                                Generator generator(7);  // the same mask at every call
                                return dropout(x[0], p, generator);
                              }};
                    },
                    {{[] {
                        Generator generator(0);
                        dropout(zeros({2}), 1, generator);
                      },
                      "dropout: probability out of range; got 1; expected [0, 1)"}});
}
Tensor dropout(const Tensor& x, double p, Generator& generator) {
  if (!(p >= 0 && p < 1)) {
    fail("dropout: probability out of range; got {}; expected [0, 1)", p);
  }
  if (!is_floating(x.dtype())) {
    fail("dropout: unsupported dtype; got {}", name(x.dtype()));
  }
  if (p == 0) {
    return x;
  }
  Tensor scale = rand(x.shape(), 0, 1, generator, x.dtype());  // m / (1 - p)
  dispatch_floating("dropout", x.dtype(), [&]<class T>() {
    const std::span<T> m = scale.mutable_data<T>();
    const T kept = static_cast<T>(1 / (1 - p));
    kernels::map(std::span<const T>(m), m, [p, kept](T u) { return u < p ? T{0} : kept; });
  });
  const Tensor y = x.detach() * scale;
  return record(dropout_op, {x}, y, [scale = Saved(scale)](const Backward& backward) -> Gradients {
    return {backward.grad() * *scale};
  });
}

}  // namespace weft
