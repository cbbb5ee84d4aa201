#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/tape.hpp"
#include "models/not_finite.hpp"
#include "models/training/run_directory.hpp"
#include "models/training/trainer.hpp"
#include "nn/eval_guard.hpp"
#include "optim/plateau.hpp"

// What follows the steps of an epoch: validation, logging, saving best/ and last/.
namespace weft::models {
namespace {

optim::PlateauOptions plateau_options(const TrainingConfig& config) {
  return {.factor = config.decay_factor, .patience = config.decay_patience};
}

/// The validation score; NaN if the search for it met predictions that are not finite.
double score_of(Task& task) {
  try {
    return task.validation_score();
  } catch (const NotFinitePrediction&) {
    return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

/// The module and the task's files for its model directory.
SavedModel Trainer::saved_model() {
  return {task_.module(), [this](DirectoryWriter& writer) { task_.save(writer); }};
}

void Trainer::save_last() {
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
    if (const double perplexity = std::exp(*report.valid_loss); std::isfinite(perplexity)) {
      line["valid_perplexity"] = perplexity;
    }
  }
  state_.log_bytes += append_log(directory_ / kLogName, line);
}

/// Evaluates the module on the validation data and fills in the report, including whether it is the
/// best so far. Returns what is not finite, if anything; the model then does not count as better.
std::optional<std::string> Trainer::judge(EpochReport& report) {
  const NoGradGuard unrecorded;
  const nn::EvalGuard eval(task_.module());
  const auto not_finite = [this](std::string_view what, double figure) {
    return fmt::format("validation {} not finite after step {}; got {}", what, state_.step, figure);
  };
  report.best = false;
  const double loss = task_.validation_loss();
  if (!std::isfinite(loss)) {
    return not_finite("loss", loss);
  }
  report.valid_loss = loss;
  const bool first = !has_best(directory_);
  bool best = first || loss < state_.best_loss;
  if (config_.stop_on != StopOn::loss) {
    const double score = score_of(task_);
    if (!std::isfinite(score)) {
      return not_finite(task_.score_name(), score);
    }
    report.valid_score = score;
    best = first || score > state_.best_score;
  }
  report.best = best;
  return std::nullopt;
}

/// Whether the state has the figures of a best/ that is no longer there.
bool Trainer::best_is_lost() const {
  const bool recorded = task_.has_validation()
                            ? state_.best_loss < std::numeric_limits<double>::max()
                            : state_.validated_step > 0;
  return recorded && !has_best(directory_);
}

/// Saves the averaged model in best/. The first time, last/ is saved before, so that a run killed
/// in between is resumed with this validation; a best/ alone could only be overwritten. So it is
/// without the figures of a best/ that is lost, which would otherwise be taken for those of its
/// successor.
void Trainer::save_best(const WeightAverage& average) {
  if (best_is_lost()) {
    state_.best_loss = TrainerState{}.best_loss;
    state_.best_score = TrainerState{}.best_score;
    save_last();
  } else if (!has_checkpoint(directory_)) {
    save_last();
  }
  const WeightAverage::Guard averaged(average);
  save_model(directory_ / "best", saved_model());
}

/// Remembers the figures of best/.
void Trainer::remember(const EpochReport& report) {
  if (report.best) {
    state_.best_loss = report.valid_loss.value_or(state_.best_loss);
    state_.best_score = report.valid_score.value_or(state_.best_score);
  }
}

/// Makes up for a best/ that was lost after the last validation: the model that training ended with
/// takes its place.
void Trainer::restore_best(const TrainingHooks& hooks) {
  EpochReport report{};
  std::optional<std::string> trouble;
  if (task_.has_validation()) {
    const WeightAverage::Guard averaged(average_);
    trouble = judge(report);
  }
  if (trouble) {
    handle_bad_validation(*trouble, hooks);
    return;
  }
  report.best = true;
  save_best(average_);
  remember(report);
  save_last();
}

/// The state before the first step of the next epoch.
void Trainer::end_epoch(const EpochReport& report) {
  state_.epochs_since_best = report.best ? 0 : state_.epochs_since_best + 1;
  if (config_.schedule == optim::Decay::plateau) {
    optim::Plateau plateau(plateau_options(config_), state_.plateau);
    plateau.observe(report.valid_loss.value_or(std::numeric_limits<double>::infinity()));
    state_.plateau = plateau.state();
  }
  ++state_.epoch;
  state_.batch = 0;
  state_.epoch_loss = 0;
  state_.epoch_tokens = 0;
}

/// Changes `state_` only after everything has been computed, so that a validation that was
/// interrupted can be repeated.
void Trainer::validate_and_save(const TrainingHooks& hooks, bool end_of_epoch) {
  if (!ensure_finite(hooks)) {
    return;
  }
  WeightAverage average = average_;  // assigned back once everything is computed
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
  std::optional<std::string> trouble;
  if (task_.has_validation()) {
    const WeightAverage::Guard averaged(average);
    trouble = judge(report);
  }
  if (report.best) {
    save_best(average);
  }
  if (trouble && !handle_bad_validation(*trouble, hooks)) {
    return;
  }
  remember(report);
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
