#include <numbers>

#include "autograd/ops.hpp"
#include "autograd/ops/pointwise_op.hpp"
#include "autograd/ops/unary.hpp"

/// Elementwise mathematical functions of one variable.
namespace weft {

// y = e^x;  dx = g y
namespace {
const ops::PointwiseOp exp_op(
    "exp", ops::unary_sample<exp>, ops::unary_errors<exp>("exp"),
    [](const auto& x) { return exp(x); },
    [](const auto&, const auto& y, const auto& g) { return g * y; });
}
Tensor exp(const Tensor& x) { return exp_op(x); }

// y = ln x;  dx = g / x
namespace {
const ops::PointwiseOp log_op(
    "log", ops::positive_sample<log>, ops::unary_errors<log>("log"),
    [](const auto& x) { return log(x); },
    [](const auto& x, const auto&, const auto& g) { return g / x; });
}
Tensor log(const Tensor& x) { return log_op(x); }

// y = sqrt x;  dx = g / (2 y)
namespace {
const ops::PointwiseOp sqrt_op(
    "sqrt", ops::positive_sample<sqrt>, ops::unary_errors<sqrt>("sqrt"),
    [](const auto& x) { return sqrt(x); },
    [](const auto&, const auto& y, const auto& g) { return g / (2 * y); });
}
Tensor sqrt(const Tensor& x) { return sqrt_op(x); }

// y = x^2;  dx = 2 g x
namespace {
const ops::PointwiseOp square_op(
    "square", ops::unary_sample<square>, ops::unary_errors<square>("square"),
    [](const auto& x) { return x * x; },
    [](const auto& x, const auto&, const auto& g) { return 2 * g * x; });
}
Tensor square(const Tensor& x) { return square_op(x); }

// y = |x|;  dx = g sign x (so 0 at the kink)
namespace {
const ops::PointwiseOp abs_op(
    "abs", ops::kinked_sample<abs>, ops::unary_errors<abs>("abs"),
    [](const auto& x) { return abs(x); },
    [](const auto& x, const auto&, const auto& g) {
      return if_positive(x, g, if_positive(-x, -g, 0.0));
    });
}
Tensor abs(const Tensor& x) { return abs_op(x); }

// y = min(max(x, low), high);  dx = g where low <= x <= high, which is where y = x, else 0
namespace {
const ops::PointwiseOp clamp_op(
    "clamp",
    [](Sampler& s) -> Sample {  // bounds of +-0.05 are in the gap that the inputs leave around 0
      const Tensor x = s.away_from_zero(s.shape());
      const double low = s.coin() ? -0.05 : -9;
      const double high = s.coin() ? 0.05 : 9;
      return {{x}, [low, high](const auto& v) { return clamp(v[0], low, high); }};
    },
    {{[] { clamp(zeros({2}), 1, 0); }, "clamp: bounds out of order; got [1, 0]"},
     {[] { clamp(zeros({2}, DType::int64), 0, 1); }, "clamp: unsupported dtype; got int64"}},
    [](const auto& x, const auto& low, const auto& high) { return minimum(maximum(x, low), high); },
    [](const auto& x, const auto&, const auto&, const auto& y, const auto& g) {
      return if_positive(equal(y, x), g, 0.0);
    });
}
Tensor clamp(const Tensor& x, double low, double high) {
  if (!(low <= high)) {
    fail("clamp: bounds out of order; got [{}, {}]", low, high);
  }
  return clamp_op(x, scalar(low, x.dtype()), scalar(high, x.dtype()));
}

// y = ln(1 + x), accurate for small x;  dx = g / (1 + x)
namespace {
const ops::PointwiseOp log1p_op(
    "log1p", ops::positive_sample<log1p>, ops::unary_errors<log1p>("log1p"),
    [](const auto& x) { return log1p(x); },
    [](const auto& x, const auto&, const auto& g) { return g / (1 + x); });
}
Tensor log1p(const Tensor& x) { return log1p_op(x); }

// y = sin x;  dx = g cos x
namespace {
const ops::PointwiseOp sin_op(
    "sin", ops::unary_sample<sin>, ops::unary_errors<sin>("sin"),
    [](const auto& x) { return sin(x); },
    [](const auto& x, const auto&, const auto& g) { return g * cos(x); });
}
Tensor sin(const Tensor& x) { return sin_op(x); }

// y = cos x;  dx = -g sin x
namespace {
const ops::PointwiseOp cos_op(
    "cos", ops::unary_sample<cos>, ops::unary_errors<cos>("cos"),
    [](const auto& x) { return cos(x); },
    [](const auto& x, const auto&, const auto& g) { return -g * sin(x); });
}
Tensor cos(const Tensor& x) { return cos_op(x); }

// y = erf x = 2/sqrt(pi) int_0^x e^-t^2 dt;  dx = g 2/sqrt(pi) e^-x^2
namespace {
const ops::PointwiseOp erf_op(
    "erf", ops::unary_sample<erf>, ops::unary_errors<erf>("erf"),
    [](const auto& x) { return erf(x); },
    [](const auto& x, const auto&, const auto& g) {
      return g * (2 * std::numbers::inv_sqrtpi) * exp(-(x * x));
    });
}
Tensor erf(const Tensor& x) { return erf_op(x); }

}  // namespace weft
