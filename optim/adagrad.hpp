#pragma once

#include "optim/optimizer.hpp"

namespace weft::optim {

/// Hyperparameters of Adagrad.
struct AdagradOptions {
  double lr = 1e-2;    ///< learning rate, >= 0
  double eps = 1e-10;  ///< > 0
};

/// Adagrad (Duchi et al. 2011, "Adaptive subgradient methods for online learning and stochastic
/// optimization", figure 1, with a diagonal matrix), with PyTorch's state `sum`:
///
///     s_t = s_{t-1} + g_t^2                s_0 = 0
///     theta_t = theta_{t-1} - lr g_t / (sqrt(s_t) + eps)
class Adagrad : public Optimizer {
 public:
  /// Throws Error if an option is out of range.
  explicit Adagrad(NamedTensors parameters, AdagradOptions options = {});

 protected:
  void update(std::size_t i, Tensor& parameter, const Gradient& gradient) override;

 private:
  double eps_;
  std::vector<Tensor> sum_;  // s
};

}  // namespace weft::optim
