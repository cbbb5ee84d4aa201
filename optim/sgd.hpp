#pragma once

#include "optim/optimizer.hpp"

namespace weft::optim {

/// Hyperparameters of SGD.
struct SGDOptions {
  double lr = 1e-3;     ///< learning rate, >= 0
  double momentum = 0;  ///< in [0, 1)
};

/// Stochastic gradient descent with momentum, in PyTorch's form:
///
///     b_t = mu b_{t-1} + g_t          b_0 = 0; state `momentum_buffer`
///     theta_t = theta_{t-1} - lr b_t
///
/// (Sutskever et al. 2013 scale g_t by lr instead, which is the same for a constant learning rate.)
class SGD : public Optimizer {
 public:
  /// Throws Error if an option is out of range.
  explicit SGD(NamedTensors parameters, SGDOptions options = {});

 protected:
  void update(std::size_t i, Tensor& parameter, const Gradient& gradient) override;

 private:
  double momentum_;
  std::vector<Tensor> momentum_buffer_;  // empty without momentum
};

}  // namespace weft::optim
