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

/// An optimizer and its numbers; those that it has no use for are left aside.
struct OptimizerConfig {
  OptimizerKind kind;   ///< its other constants are the defaults of its options
  double lr;            ///< >= 0; the rate until `set_lr`
  double momentum;      ///< of SGD
  double weight_decay;  ///< of AdamW
};

/// Throws Error on numbers out of range.
std::unique_ptr<optim::Optimizer> make_optimizer(const OptimizerConfig& config,
                                                 optim::NamedTensors parameters);

}  // namespace weft::models
