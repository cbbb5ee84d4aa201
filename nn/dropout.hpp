#pragma once

#include "nn/module.hpp"

namespace weft::nn {

/// Inverted dropout (Srivastava et al. 2014): during training, zeroes each element with probability
/// p and scales the others by 1 / (1 - p); in evaluation, returns its input.
class Dropout : public Module {
 public:
  /// Throws Error unless 0 <= p < 1.
  explicit Dropout(double p);

  /// x of any shape -> the same shape. Uses the default generator.
  Tensor forward(const Tensor& x) const;

  /// The probability of zeroing an element.
  double p() const { return p_; }

 private:
  double p_;
};

}  // namespace weft::nn
