#include "nn/linear.hpp"

#include <cmath>

#include "autograd/ops.hpp"
#include "nn/init.hpp"

namespace weft::nn {
namespace {

void init_uniform(const Tensor& parameter, std::int64_t in_features) {
  const double bound = 1 / std::sqrt(static_cast<double>(in_features));
  init::uniform_(parameter, -bound, bound);
}

}  // namespace

Linear::Linear(std::int64_t in_features, std::int64_t out_features, bool with_bias)
    : weight(parameter("weight", {out_features, in_features})),
      bias(with_bias ? parameter("bias", {out_features}) : Tensor()) {
  init_uniform(weight, in_features);
  if (with_bias) {
    init_uniform(bias, in_features);
  }
}

Linear::Linear(const Tensor& shared_weight)
    : weight(shared_weight), bias(parameter("bias", {shared_weight.size(0)})) {
  init_uniform(bias, shared_weight.size(1));
}

Tensor Linear::forward(const Tensor& x) const {
  const Forward call(*this);
  return call.output(linear(x, weight, bias));
}

}  // namespace weft::nn
