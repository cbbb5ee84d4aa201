#pragma once

#include "optim/optimizer.hpp"

namespace weft::optim {

/// Hyperparameters of Adam.
struct AdamOptions {
  double lr = 1e-3;      ///< learning rate, >= 0
  double beta1 = 0.9;    ///< in [0, 1)
  double beta2 = 0.999;  ///< in [0, 1)
  double eps = 1e-8;     ///< >= 0
};

/// Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1), with PyTorch's states `step`, `exp_avg`
/// and `exp_avg_sq`:
///
///     m_t = beta1 m_{t-1} + (1 - beta1) g_t
///     v_t = beta2 v_{t-1} + (1 - beta2) g_t^2
///     theta_t = theta_{t-1} - lr (m_t / (1 - beta1^t)) / (sqrt(v_t / (1 - beta2^t)) + eps)
///
/// t counts the steps in which the parameter had a gradient. Every moment decays in each of them,
/// including those of embedding rows that the batch does not use.
class Adam : public Optimizer {
 public:
  /// Throws Error if an option is out of range.
  explicit Adam(NamedTensors parameters, AdamOptions options = {});

 protected:
  /// With AdamW's weight decay.
  Adam(NamedTensors parameters, AdamOptions options, double weight_decay);
  void update(std::size_t i, Tensor& parameter, const Gradient& gradient) override;

 private:
  AdamOptions options_;
  double weight_decay_;
  std::vector<Tensor> step_;        // scalars
  std::vector<Tensor> exp_avg_;     // m
  std::vector<Tensor> exp_avg_sq_;  // v
};

/// Hyperparameters of AdamW.
struct AdamWOptions {
  double lr = 1e-3;            ///< learning rate, >= 0
  double beta1 = 0.9;          ///< in [0, 1)
  double beta2 = 0.999;        ///< in [0, 1)
  double eps = 1e-8;           ///< >= 0
  double weight_decay = 0.01;  ///< lambda, >= 0
};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2), in
/// PyTorch's form: before each Adam step,
///
///     theta_t = (1 - lr lambda) theta_{t-1}
///
/// A parameter without a gradient does not decay; embedding rows that the batch does not use do.
class AdamW : public Adam {
 public:
  /// Throws Error if an option is out of range.
  explicit AdamW(NamedTensors parameters, AdamWOptions options = {});
};

}  // namespace weft::optim
