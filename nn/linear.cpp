#include "nn/linear.hpp"

#include <cmath>

#include "autograd/ops.hpp"
#include "nn/init.hpp"

namespace weft::nn {
namespace {

void init_uniform(const Module& module, std::int64_t in_features) {
  const double bound = 1 / std::sqrt(static_cast<double>(in_features));
  for (const Tensor& tensor : module.parameters()) {
    init::uniform_(tensor, -bound, bound);
  }
}

}  // namespace

Linear::Linear(std::int64_t in_features, std::int64_t out_features, bool with_bias)
    : weight(parameter("weight", {out_features, in_features})),
      bias(with_bias ? parameter("bias", {out_features}) : Tensor()) {
  init_uniform(*this, in_features);
}

Linear::Linear(const Tensor& shared_weight)
    : weight(shared_weight), bias(parameter("bias", {shared_weight.size(0)})) {
  init_uniform(*this, shared_weight.size(1));
}

Tensor Linear::forward(const Tensor& x) const {
  const Forward call(*this);
  return call.output(linear(x, weight, bias));
}

}  // namespace weft::nn
