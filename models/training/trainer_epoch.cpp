#include <algorithm>
#include <cmath>

#include "autograd/tape.hpp"
#include "models/training/run_directory.hpp"
#include "models/training/trainer.hpp"
#include "nn/eval_guard.hpp"
#include "optim/plateau.hpp"

// What follows the steps of an epoch: validation, the log, best/ and last/.
namespace weft::models {
namespace {

optim::PlateauOptions plateau_options(const TrainingConfig& config) {
  return {.factor = config.decay_factor, .patience = config.decay_patience};
}

/// Throws Error if a parameter is NaN or infinite: such a model must not replace a good one.
void check_finite(const nn::Module& module, std::int64_t step) {
  for (const auto& [name, parameter] : module.named_parameters()) {
    for (const float value : parameter.data<float>()) {
      if (!std::isfinite(value)) {
        fail("train: not finite after step {}; got {} in {}; hint: a lower --lr", step, value,
             name);
      }
    }
  }
}

}  // namespace

/// The module and what the task writes beside it.
SavedModel Trainer::saved_model() {
  return {task_.module(), [this](DirectoryWriter& writer) { task_.save(writer); }};
}

void Trainer::save_last() {
  check_finite(task_.module(), state_.step);
  state_.rng_seed = generator_.seed();
  state_.rng_position = generator_.position();
  save_checkpoint(directory_ / "last", saved_model(), *optimizer_, average_, state_);
}

void Trainer::log(const EpochReport& report) {
  Json line = {{"epoch", report.epoch},
               {"step", report.step},
               {"train_loss", report.train_loss},
               {"lr", optimizer_->lr()},
               {"best", report.best},
               {"tokens_per_second", report.tokens_per_second}};
  if (report.valid_score) {
    line[fmt::format("valid_{}", task_.score_name())] = *report.valid_score;
  }
  if (report.valid_loss) {
    line["valid_loss"] = *report.valid_loss;
    line["valid_perplexity"] = std::exp(*report.valid_loss);
  }
  state_.log_bytes += append_log(directory_ / kLogName, line);
}

/// Measures the module on the validation data: fills in the report, whether it is the best so far
/// included. `state_` changes only when all is measured: an interrupted validation is made again.
void Trainer::judge(EpochReport& report) {
  const NoGradGuard unrecorded;
  const nn::EvalGuard eval(task_.module());
  report.valid_loss = task_.validation_loss();
  if (!std::isfinite(*report.valid_loss)) {
    fail("train: validation loss not finite after step {}; got {}; hint: a lower --lr", state_.step,
         *report.valid_loss);
  }
  report.best = *report.valid_loss < state_.best_loss;
  if (config_.stop_on != StopOn::loss) {
    report.valid_score = task_.validation_score();
    report.best = *report.valid_score > state_.best_score;
    state_.best_score = std::max(state_.best_score, *report.valid_score);
  }
  state_.best_loss = std::min(state_.best_loss, *report.valid_loss);
}

/// The state before the first step of the next epoch.
void Trainer::end_epoch(const EpochReport& report) {
  state_.epochs_since_best = report.best ? 0 : state_.epochs_since_best + 1;
  if (config_.schedule == optim::Decay::plateau) {
    optim::Plateau plateau(plateau_options(config_), state_.plateau);
    plateau.observe(*report.valid_loss);
    state_.plateau = plateau.state();
  }
  ++state_.epoch;
  state_.batch = 0;
  state_.epoch_loss = 0;
  state_.epoch_tokens = 0;
}

void Trainer::validate_and_save(const TrainingHooks& hooks, bool end_of_epoch) {
  check_finite(task_.module(), state_.step);
  WeightAverage average = average_;  // becomes the trainer's once all is measured, as in `judge`
  if (end_of_epoch) {
    average.after_epoch();
  }
  EpochReport report{.epoch = state_.epoch + 1,
                     .step = state_.step,
                     .train_loss = train_loss(),
                     .valid_loss = {},
                     .valid_score = {},
                     .best = true,
                     .tokens_per_second = clock_.rate()};
  {
    const WeightAverage::Guard averaged(average);
    if (task_.has_validation()) {
      judge(report);
    }
    if (report.best) {
      save_model(directory_ / "best", saved_model());
    }
  }
  average_ = std::move(average);
  state_.validated_step = state_.step;
  if (end_of_epoch) {
    end_epoch(report);
  }
  log(report);
  save_last();
  if (hooks.on_epoch) {
    hooks.on_epoch(report);
  }
}

}  // namespace weft::models
