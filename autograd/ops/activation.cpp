#include <cmath>
#include <numbers>

#include "autograd/kernels/math.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/unary.hpp"
#include "autograd/tape.hpp"

/// Elementwise nonlinearities of neural networks.
namespace weft {

// y = tanh x;  dx = g (1 - y^2)
namespace {
const Op tanh_op("tanh", ops::unary_sample<tanh>, ops::unary_errors<tanh>("tanh"),
                 KeepOutputs::yes);
}
Tensor tanh(const Tensor& x) {
  const Tensor y =
      ops::map_rows("tanh", x, []<class T>() { return kernels::vector_kernels<T>().tanh; });
  return record(tanh_op, {x}, y, [](const Backward& backward) -> Gradients {
    const Tensor& out = backward.output();
    return {backward.grad() * (1 - out * out)};
  });
}

// y = 1 / (1 + e^-x);  dx = g y (1 - y)
namespace {
const Op sigmoid_op("sigmoid", ops::unary_sample<sigmoid>, ops::unary_errors<sigmoid>("sigmoid"),
                    KeepOutputs::yes);
}
Tensor sigmoid(const Tensor& x) {
  const Tensor y =
      ops::map_rows("sigmoid", x, []<class T>() { return kernels::vector_kernels<T>().sigmoid; });
  return record(sigmoid_op, {x}, y, [](const Backward& backward) -> Gradients {
    const Tensor& out = backward.output();
    return {backward.grad() * out * (1 - out)};
  });
}

// y = max(x, 0);  dx = g where x > 0, else 0 (so 0 at the kink). NaN propagates.
namespace {
const Op relu_op("relu", ops::kinked_sample<relu>, ops::unary_errors<relu>("relu"));
}
Tensor relu(const Tensor& x) {
  const Tensor y = ops::map("relu", x, [](auto v) { return v < 0 ? decltype(v){0} : v; });
  return record(relu_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {where(gt(*x, 0), backward.grad(), scalar(0, backward.grad().dtype()))};
  });
}

// y = ln(1 + e^x), a smooth relu;  dx = g sigmoid x
namespace {
const Op softplus_op("softplus", ops::unary_sample<softplus>,
                     ops::unary_errors<softplus>("softplus"));
}
Tensor softplus(const Tensor& x) {
  const Tensor y = ops::map("softplus", x, [](auto v) {
    return (v > 0 ? v : 0) + std::log1p(kernels::exp(-std::abs(v)));  // e^v could overflow
  });
  return record(softplus_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {backward.grad() * sigmoid(*x)};
  });
}

// y = x P(x) with the standard normal CDF P(x) = (1 + erf(x / sqrt 2)) / 2 (Hendrycks and Gimpel
// 2016, arXiv:1606.08415, section 2);  dx = g (P(x) + x p(x)), p(x) = e^(-x^2 / 2) / sqrt(2 pi)
namespace {
const Op gelu_op("gelu", ops::unary_sample<gelu>, ops::unary_errors<gelu>("gelu"));
}
Tensor gelu(const Tensor& x) {
  constexpr double kInvSqrt2 = std::numbers::sqrt2 / 2;
  const Tensor y = ops::map("gelu", x, [](auto v) {
    using T = decltype(v);
    return v * (1 + std::erf(v * static_cast<T>(kInvSqrt2))) / 2;
  });
  return record(gelu_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    const Tensor distribution = 0.5 * (1 + erf(*x * kInvSqrt2));
    const Tensor density = exp(-0.5 * square(*x)) * (kInvSqrt2 * std::numbers::inv_sqrtpi);
    return {backward.grad() * (distribution + *x * density)};
  });
}

// y = x m / (1 - p) with m ~ Bernoulli(1 - p);  dx = g m / (1 - p)
// (Srivastava et al. 2014; scaled during training, so that inference needs no change.)
namespace {
const Op dropout_op("dropout",
                    [](Sampler& s) -> Sample {
                      const double p = s.coin() ? 0.5 : 0.2;
                      return {{s.normal(s.shape())}, [p](const auto& x) {
                                Generator generator(7);  // the same mask in every call
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
