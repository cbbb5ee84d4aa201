#pragma once

#include "nn/module.hpp"

namespace weft::nn {

/// y = x W^T + b.
class Linear : public Module {
 public:
  /// Weight and bias are initialized uniform in +-1/sqrt(in_features), as in PyTorch. Throws Error
  /// unless both sizes are at least 1.
  Linear(std::int64_t in_features, std::int64_t out_features, bool with_bias = true);

  /// Uses a weight [out_features, in_features] that is a parameter of another module, such as an
  /// embedding (Press and Wolf 2017, arXiv:1608.05859); only the bias belongs to this module.
  explicit Linear(const Tensor& shared_weight);

  /// x [..., in_features] -> [..., out_features].
  Tensor forward(const Tensor& x) const;

  Tensor weight;  ///< [out_features, in_features]
  Tensor bias;    ///< [out_features]; undefined without bias
};

}  // namespace weft::nn
