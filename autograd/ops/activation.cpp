#include <algorithm>
#include <cmath>
#include <numbers>

#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/pointwise_op.hpp"
#include "autograd/ops/unary.hpp"
#include "autograd/tape.hpp"

/// Elementwise nonlinearities of neural networks.
namespace weft {

// y = tanh x;  dx = g (1 - y^2)
namespace {
const ops::PointwiseOp tanh_op(
    "tanh", ops::unary_sample<tanh>, ops::unary_errors<tanh>("tanh"),
    [](const auto& x) { return tanh(x); },
    [](const auto&, const auto& y, const auto& g) { return g * (1 - y * y); });
}
Tensor tanh(const Tensor& x) { return tanh_op(x); }

// y = 1 / (1 + e^-x);  dx = g y (1 - y)
namespace {
const ops::PointwiseOp sigmoid_op(
    "sigmoid", ops::unary_sample<sigmoid>, ops::unary_errors<sigmoid>("sigmoid"),
    [](const auto& x) { return sigmoid(x); },
    [](const auto&, const auto& y, const auto& g) { return g * y * (1 - y); });
}
Tensor sigmoid(const Tensor& x) { return sigmoid_op(x); }

// y = max(x, 0);  dx = g where y > 0, else 0 (so 0 at the kink). NaN propagates.
namespace {
const ops::PointwiseOp relu_op(
    "relu", ops::kinked_sample<relu>, ops::unary_errors<relu>("relu"),
    [](const auto& x) { return maximum(x, 0.0); },
    [](const auto&, const auto& y, const auto& g) { return if_positive(y, g, 0.0); });
}
Tensor relu(const Tensor& x) { return relu_op(x); }

// y = ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|), as e^x could overflow;  dx = g sigmoid x
namespace {
const ops::PointwiseOp softplus_op(
    "softplus", ops::unary_sample<softplus>, ops::unary_errors<softplus>("softplus"),
    [](const auto& x) { return maximum(x, 0.0) + log1p(exp(-abs(x))); },
    [](const auto& x, const auto&, const auto& g) { return g * sigmoid(x); });
}
Tensor softplus(const Tensor& x) { return softplus_op(x); }

// y = x P(x) with the standard normal CDF P(x) = (1 + erf(x / sqrt 2)) / 2 (Hendrycks and Gimpel
// 2016, arXiv:1606.08415, section 2);  dx = g (P(x) + x p(x)), p(x) = e^(-x^2 / 2) / sqrt(2 pi)
namespace {
constexpr double kInvSqrt2 = std::numbers::sqrt2 / 2;

template <class X>
X normal_cdf(const X& x) {
  return 0.5 * erf(x * kInvSqrt2) + 0.5;
}

template <class X>
X normal_density(const X& x) {
  return (kInvSqrt2 * std::numbers::inv_sqrtpi) * exp(-0.5 * (x * x));
}

const ops::PointwiseOp gelu_op(
    "gelu", ops::unary_sample<gelu>, ops::unary_errors<gelu>("gelu"),
    [](const auto& x) { return 0.5 * x * erf(x * kInvSqrt2) + 0.5 * x; },
    [](const auto& x, const auto&, const auto& g) {
      return g * (normal_cdf(x) + x * normal_density(x));
    });
}  // namespace
Tensor gelu(const Tensor& x) { return gelu_op(x); }

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

/// The mask is drawn again for the gradient, not kept.
Tensor masked(const Tensor& x, const kernels::DropoutMask& mask, double scale) {
  Tensor y = empty(x.shape(), x.dtype());
  dispatch_floating("dropout", x.dtype(), [&]<class T>() {
    const auto dropout = kernels::vector_kernels<T>().dropout;
    const T* const from = x.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    constexpr std::int64_t kBlock = kernels::kDropoutBlock;
    const std::int64_t blocks = (x.numel() + kBlock - 1) / kBlock;
    parallel_for(blocks, 2 * x.numel(), [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t first = begin * kBlock;
      dropout(mask, first, static_cast<T>(scale), from + first, to + first,
              std::min(end * kBlock, x.numel()) - first);
    });
  });
  return record(dropout_op, {x}, y, [mask, scale](const Backward& backward) -> Gradients {
    return {masked(backward.grad(), mask, scale)};
  });
}
}  // namespace
Tensor dropout(const Tensor& x, double p, Generator& generator) {
  if (!is_floating(x.dtype())) {
    fail("dropout: unsupported dtype; got {}", name(x.dtype()));
  }
  const kernels::DropoutMask mask = ops::draw_dropout("dropout", p, generator);
  return p == 0 ? x : masked(x, mask, 1 / (1 - p));
}

}  // namespace weft
