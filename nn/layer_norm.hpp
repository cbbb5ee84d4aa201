#pragma once

#include "nn/module.hpp"

namespace weft::nn {

/// Layer normalization (Ba et al. 2016, arXiv:1607.06450): normalizes every vector of the last
/// dimension to mean 0 and variance 1, then scales and shifts it by the parameters.
class LayerNorm : public Module {
 public:
  /// The weight is initialized to ones, the bias to zeros. Throws Error unless size >= 1 and `eps`,
  /// which is added to the variance, is finite and non-negative.
  explicit LayerNorm(std::int64_t size, double eps = 1e-5);

  /// x [..., size] -> the same shape.
  Tensor forward(const Tensor& x) const;

  Tensor weight;  ///< [size]
  Tensor bias;    ///< [size]

 private:
  double eps_;
};

}  // namespace weft::nn
