#pragma once

#include <memory>
#include <string_view>

#include "optim/optimizer.hpp"

namespace weft::models {

/// The optimizers of `weft train`.
enum class OptimizerKind { sgd, adam, adamw, adagrad, adadelta };

/// The names of the optimizers.
constexpr auto names_of(OptimizerKind) {
  return name_table<OptimizerKind>("optimizer", {{OptimizerKind::sgd, "sgd"},
                                                 {OptimizerKind::adam, "adam"},
                                                 {OptimizerKind::adamw, "adamw"},
                                                 {OptimizerKind::adagrad, "adagrad"},
                                                 {OptimizerKind::adadelta, "adadelta"}});
}

/// An optimizer and its hyperparameters; those that it does not use are ignored.
struct OptimizerConfig {
  OptimizerKind kind;   ///< other hyperparameters have the defaults of its options
  double lr;            ///< >= 0; applies until `set_lr`
  double momentum;      ///< for SGD
  double adam_beta2;    ///< for Adam and AdamW, in [0, 1)
  double weight_decay;  ///< for AdamW
};

/// Throws Error if a number is out of range.
std::unique_ptr<optim::Optimizer> make_optimizer(const OptimizerConfig& config,
                                                 optim::NamedTensors parameters);

}  // namespace weft::models
