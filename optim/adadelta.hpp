#pragma once

#include "optim/optimizer.hpp"

namespace weft::optim {

/// Hyperparameters of Adadelta. The defaults are those of Bahdanau et al. 2015 (arXiv:1409.0473,
/// appendix B.2); PyTorch's rho is 0.9.
struct AdadeltaOptions {
  double lr = 1;      ///< learning rate, >= 0
  double rho = 0.95;  ///< in [0, 1)
  double eps = 1e-6;  ///< > 0
};

/// Adadelta (Zeiler 2012, arXiv:1212.5701, algorithm 1), with PyTorch's states `square_avg` and
/// `acc_delta`:
///
///     v_t = rho v_{t-1} + (1 - rho) g_t^2                          v_0 = 0
///     delta_t = sqrt(u_{t-1} + eps) / sqrt(v_t + eps) g_t          u_0 = 0
///     u_t = rho u_{t-1} + (1 - rho) delta_t^2
///     theta_t = theta_{t-1} - lr delta_t
///
/// The paper has no lr (it is 1). Both averages decay at every step, including those of embedding
/// rows that the batch does not use.
class Adadelta : public Optimizer {
 public:
  /// Throws Error if an option is out of range.
  explicit Adadelta(NamedTensors parameters, AdadeltaOptions options = {});

 protected:
  void update(std::size_t i, Tensor& parameter, const Gradient& gradient) override;

 private:
  AdadeltaOptions options_;
  std::vector<Tensor> square_avg_;  // v
  std::vector<Tensor> acc_delta_;   // u
};

}  // namespace weft::optim
