#pragma once

#include <cstdint>
#include <vector>

#include "models/training/trainer.hpp"

namespace weft::tools {

/// The random batch that `measure_step` runs.
constexpr std::int64_t kCostSentences = 64;
constexpr std::int64_t kCostTokens = 15;  ///< of each sentence, source and target, <eos> included

/// The cost of one training step: the loss of a batch, its gradients, and Adam's two moments.
struct StepCost {
  double milliseconds;  ///< forward and backward, after a warm-up
  double bytes;         ///< peak memory of tensors, and the moments
};

/// Measures a training step of a new model of this configuration, with the current number of
/// threads. Draws from the default generator.
StepCost measure_step(const models::ModelConfig& config);

/// The estimated cost of a whole training run.
struct RunCost {
  std::int64_t steps;
  double seconds;  ///< of all steps and validations
  double mib;      ///< peak memory of the program
};

/// Estimates the memory in bytes of the tensors in the largest step of the plan, gradients
/// included. Memory is a constant plus an amount per sentence; two smaller steps, with an eighth
/// and a quarter of the sentences, determine both. Leaves the model as `estimate_run` does.
double largest_step_bytes(models::Seq2Seq& model, const std::vector<data::SentencePair>& train,
                          const data::BatchPlan& plan, const models::TrainingConfig& config);

/// Estimates the cost of training on these pairs from a few steps, forward and backward. The model
/// keeps its parameters and has no gradients afterwards; the default generator keeps its state.
RunCost estimate_run(models::Seq2Seq& model, const std::vector<data::SentencePair>& train,
                     const std::vector<data::SentencePair>& valid,
                     const models::TrainingConfig& config);

}  // namespace weft::tools
