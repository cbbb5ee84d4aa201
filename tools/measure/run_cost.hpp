#pragma once

#include <cstdint>
#include <vector>

#include "models/training/trainer.hpp"

namespace weft::tools {

/// What a training needs, as far as a few steps tell.
struct RunCost {
  std::int64_t steps;
  double seconds;  ///< of all steps and validations
  double mib;      ///< the most memory that the program has in use
};

/// The bytes that the tensors of the plan's largest step hold, gradients included: what does not
/// depend on the number of sentences, and as much for each of them. Steps of an eighth of them and
/// of a quarter tell both; they leave the model as `estimate_run` does.
double largest_step_bytes(models::Seq2Seq& model, const std::vector<data::SentencePair>& train,
                          const data::BatchPlan& plan, const models::TrainingConfig& config);

/// Estimates what `Trainer` needs for these pairs. A few steps, forward and backward, are made for
/// it; the model keeps its parameters and has no gradients then, and the default generator stands
/// where it stood.
RunCost estimate_run(models::Seq2Seq& model, const std::vector<data::SentencePair>& train,
                     const std::vector<data::SentencePair>& valid,
                     const models::TrainingConfig& config);

}  // namespace weft::tools
