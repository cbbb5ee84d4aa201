#include "nn/linear.hpp"

#include <cmath>

#include "autograd/ops.hpp"
#include "nn/init.hpp"

namespace weft::nn {

Linear::Linear(std::int64_t in_features, std::int64_t out_features, bool with_bias)
    : weight(parameter("weight", {out_features, in_features})),
      bias(with_bias ? parameter("bias", {out_features}) : Tensor()) {
  const double bound = 1 / std::sqrt(static_cast<double>(in_features));
  for (const Tensor& tensor : parameters()) {
    init::uniform_(tensor, -bound, bound);
  }
}

Tensor Linear::forward(const Tensor& x) const {
  const Forward call(*this);
  return call.output(linear(x, weight, bias));
}

}  // namespace weft::nn
