#include <cmath>
#include <numbers>

#include "autograd/kernels/math.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/unary.hpp"
#include "autograd/tape.hpp"

/// Elementwise mathematical functions of one variable.
namespace weft {

// y = e^x;  dx = g y
namespace {
const Op exp_op("exp", ops::unary_sample<exp>, ops::unary_errors<exp>("exp"), KeepOutputs::yes);
}
Tensor exp(const Tensor& x) {
  const Tensor y =
      ops::map_rows("exp", x, []<class T>() { return kernels::vector_kernels<T>().exp; });
  return record(exp_op, {x}, y, [](const Backward& backward) -> Gradients {
    return {backward.grad() * backward.output()};
  });
}

// y = ln x;  dx = g / x
namespace {
const Op log_op("log", ops::positive_sample<log>, ops::unary_errors<log>("log"));
}
Tensor log(const Tensor& x) {
  const Tensor y = ops::map("log", x, [](auto v) { return std::log(v); });
  return record(log_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {backward.grad() / *x};
  });
}

// y = sqrt x;  dx = g / (2 y)
namespace {
const Op sqrt_op("sqrt", ops::positive_sample<sqrt>, ops::unary_errors<sqrt>("sqrt"),
                 KeepOutputs::yes);
}
Tensor sqrt(const Tensor& x) {
  const Tensor y = ops::map("sqrt", x, [](auto v) { return std::sqrt(v); });
  return record(sqrt_op, {x}, y, [](const Backward& backward) -> Gradients {
    return {backward.grad() / (2 * backward.output())};
  });
}

// y = x^2;  dx = 2 g x
namespace {
const Op square_op("square", ops::unary_sample<square>, ops::unary_errors<square>("square"));
}
Tensor square(const Tensor& x) {
  const Tensor y = ops::map("square", x, [](auto v) { return v * v; });
  return record(square_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {2 * backward.grad() * *x};
  });
}

// y = |x|;  dx = g sign x (so 0 at the kink)
namespace {
const Op abs_op("abs", ops::kinked_sample<abs>, ops::unary_errors<abs>("abs"));
}
Tensor abs(const Tensor& x) {
  const Tensor y = ops::map("abs", x, [](auto v) { return std::abs(v); });
  return record(abs_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    const Tensor& g = backward.grad();
    const Tensor zero = scalar(0, g.dtype());
    return {where(gt(*x, 0), g, where(lt(*x, 0), -g, zero))};
  });
}

// y = min(max(x, low), high);  dx = g where low <= x <= high, else 0
namespace {
const Op clamp_op(
    "clamp",
    [](Sampler& s) -> Sample {  // bounds of +-0.05 are in the gap that the inputs leave around 0
      const Tensor x = s.away_from_zero(s.shape());
      const double low = s.coin() ? -0.05 : -9;
      const double high = s.coin() ? 0.05 : 9;
      return {{x}, [low, high](const auto& v) { return clamp(v[0], low, high); }};
    },
    {{[] { clamp(zeros({2}), 1, 0); }, "clamp: bounds out of order; got [1, 0]"},
     {[] { clamp(zeros({2}, DType::int64), 0, 1); }, "clamp: unsupported dtype; got int64"}});
}
Tensor clamp(const Tensor& x, double low, double high) {
  if (!(low <= high)) {
    fail("clamp: bounds out of order; got [{}, {}]", low, high);
  }
  const Tensor y = ops::map("clamp", x, [low, high](auto v) {
    using T = decltype(v);
    return v < low ? static_cast<T>(low) : (v > high ? static_cast<T>(high) : v);
  });
  return record(clamp_op, {x}, y, [x = Saved(x), low, high](const Backward& backward) -> Gradients {
    const Tensor& g = backward.grad();
    const Tensor zero = scalar(0, g.dtype());
    return {where(ge(*x, low), where(le(*x, high), g, zero), zero)};
  });
}

// y = ln(1 + x), accurate for small x;  dx = g / (1 + x)
namespace {
const Op log1p_op("log1p", ops::positive_sample<log1p>, ops::unary_errors<log1p>("log1p"));
}
Tensor log1p(const Tensor& x) {
  const Tensor y = ops::map("log1p", x, [](auto v) { return std::log1p(v); });
  return record(log1p_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {backward.grad() / (1 + *x)};
  });
}

// y = sin x;  dx = g cos x
namespace {
const Op sin_op("sin", ops::unary_sample<sin>, ops::unary_errors<sin>("sin"));
}
Tensor sin(const Tensor& x) {
  const Tensor y = ops::map("sin", x, [](auto v) { return std::sin(v); });
  return record(sin_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {backward.grad() * cos(*x)};
  });
}

// y = cos x;  dx = -g sin x
namespace {
const Op cos_op("cos", ops::unary_sample<cos>, ops::unary_errors<cos>("cos"));
}
Tensor cos(const Tensor& x) {
  const Tensor y = ops::map("cos", x, [](auto v) { return std::cos(v); });
  return record(cos_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {-backward.grad() * sin(*x)};
  });
}

// y = erf x = 2/sqrt(pi) int_0^x e^-t^2 dt;  dx = g 2/sqrt(pi) e^-x^2
namespace {
const Op erf_op("erf", ops::unary_sample<erf>, ops::unary_errors<erf>("erf"));
}
Tensor erf(const Tensor& x) {
  const Tensor y = ops::map("erf", x, [](auto v) { return std::erf(v); });
  return record(erf_op, {x}, y, [x = Saved(x)](const Backward& backward) -> Gradients {
    return {backward.grad() * (2 * std::numbers::inv_sqrtpi) * exp(-square(*x))};
  });
}

}  // namespace weft
