#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/tape.hpp"
#include "models/training/run_directory.hpp"
#include "models/training/trainer.hpp"
#include "optim/plateau.hpp"

// What follows the steps of an epoch: validation, the log, best/ and last/.
namespace weft::models {
namespace {

optim::PlateauOptions plateau_options(const TrainingConfig& config) {
  return {.factor = config.decay_factor, .patience = config.decay_patience};
}

/// Puts a module into eval mode for a scope.
class EvalGuard {
 public:
  explicit EvalGuard(nn::Module& module) : module_(module) { module.eval(); }
  ~EvalGuard() { module_.train(); }
  EvalGuard(const EvalGuard&) = delete;
  EvalGuard& operator=(const EvalGuard&) = delete;

 private:
  nn::Module& module_;
};

}  // namespace

/// The module and what the task writes beside it.
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
    line["valid_perplexity"] = std::exp(*report.valid_loss);
  }
  state_.log_bytes += append_log(directory_ / kLogName, line);
}

/// Measures the module on the validation data: fills in the report, whether it is the best so far
/// included. Returns what of it is not finite, if anything is; the module then is no better.
std::optional<std::string> Trainer::judge(EpochReport& report) {
  const NoGradGuard unrecorded;
  const EvalGuard eval(task_.module());
  const auto not_finite = [this](std::string_view what, double figure) {
    return fmt::format("validation {} not finite after step {}; got {}", what, state_.step, figure);
  };
  report.best = false;
  const double loss = task_.validation_loss();
  if (!std::isfinite(loss)) {
    return not_finite("loss", loss);
  }
  report.valid_loss = loss;
  const bool lowest = loss < state_.best_loss;
  state_.best_loss = std::min(state_.best_loss, loss);
  if (config_.stop_on == StopOn::loss) {
    report.best = lowest;
    return std::nullopt;
  }
  const double score = task_.validation_score();
  if (!std::isfinite(score)) {
    return not_finite(task_.score_name(), score);
  }
  report.valid_score = score;
  report.best = score > state_.best_score;
  state_.best_score = std::max(state_.best_score, score);
  return std::nullopt;
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

void Trainer::validate_and_save(const TrainingHooks& hooks, bool end_of_epoch) {
  if (!check_finite(hooks)) {
    return;
  }
  if (end_of_epoch) {
    average_.after_epoch();
  }
  EpochReport report{.epoch = state_.epoch + 1,
                     .step = state_.step,
                     .train_loss = train_loss(),
                     .valid_loss = {},
                     .valid_score = {},
                     .best = true,
                     .tokens_per_second = clock_.rate()};
  std::optional<std::string> trouble;
  {
    const WeightAverage::Guard averaged(average_);
    if (task_.has_validation()) {
      trouble = judge(report);
    }
    if (report.best) {
      save_model(directory_ / "best", saved_model());
    }
  }
  if (trouble && !bear(*trouble, hooks)) {
    return;
  }
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
