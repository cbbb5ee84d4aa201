#pragma once

#include <cstdint>

#include "models/config.hpp"

namespace weft::tools {

/// The random batch that a step's cost is measured on.
constexpr std::int64_t kCostSentences = 64;
constexpr std::int64_t kCostTokens = 15;  ///< of each sentence, source and target, <eos> included

/// What one training step needs: the loss of a batch, its gradients, and Adam's two moments.
struct StepCost {
  double milliseconds;  ///< loss and backward, once warm
  double bytes;         ///< the most that tensors held at once, and the moments
};

/// Measures it on a new model of this configuration, with the threads in use. Draws from the
/// default generator.
StepCost measure_step(const models::ModelConfig& config);

}  // namespace weft::tools
