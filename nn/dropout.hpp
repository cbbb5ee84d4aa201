#pragma once

#include "nn/module.hpp"

namespace weft::nn {

/// Inverted dropout (Srivastava et al. 2014): in training zeroes each element with probability p
/// and scales the others by 1 / (1 - p); afterwards passes everything.
class Dropout : public Module {
 public:
  /// Throws Error unless 0 <= p < 1.
  explicit Dropout(double p);

  /// x of any shape -> the same shape. Draws from the default generator.
  Tensor forward(const Tensor& x) const;

  /// Probability of a zero.
  double p() const { return p_; }

 private:
  double p_;
};

}  // namespace weft::nn
