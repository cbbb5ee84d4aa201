#include "nn/layer_norm.hpp"

#include <cmath>

#include "autograd/ops.hpp"
#include "nn/init.hpp"

namespace weft::nn {

LayerNorm::LayerNorm(std::int64_t size, double eps)
    : weight(parameter("weight", {size})), bias(parameter("bias", {size})), eps_(eps) {
  if (!(eps >= 0 && std::isfinite(eps))) {
    fail("LayerNorm: eps out of range; got {}; expected a finite number >= 0", eps);
  }
  init::constant_(weight, 1);
}

Tensor LayerNorm::forward(const Tensor& x) const {
  const Forward call(*this);
  return call.output(layer_norm(x, weight, bias, eps_));
}

}  // namespace weft::nn
