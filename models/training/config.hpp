#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "data/augment.hpp"
#include "data/batches.hpp"
#include "data/settings/option.hpp"
#include "models/seq2seq.hpp"
#include "models/training/optimizers.hpp"
#include "optim/schedule.hpp"

namespace weft::models {

/// How the probability of feeding the true token decays (Bengio et al. 2015, arXiv:1506.03099,
/// section 2.4; formulas in config.cpp).
enum class ForcingSchedule { constant, linear, exponential, inverse_sigmoid };
/// The names of these schedules.
constexpr auto names_of(ForcingSchedule) {
  return name_table<ForcingSchedule>("forcing-schedule",
                                     {{ForcingSchedule::constant, "constant"},
                                      {ForcingSchedule::linear, "linear"},
                                      {ForcingSchedule::exponential, "exponential"},
                                      {ForcingSchedule::inverse_sigmoid, "inverse_sigmoid"}});
}

/// The criterion on the validation pairs that selects the best model.
enum class StopOn {
  loss,   ///< lowest validation loss
  score,  ///< highest score of the task; for translation, BLEU of greedy translations
};
/// Their names.
constexpr auto names_of(StopOn) {
  return name_table<StopOn>("stop-on", {{StopOn::loss, "loss"}, {StopOn::score, "bleu"}});
}

/// What a trainer does when a loss or a gradient is NaN or infinite, in training or validation.
/// Parameters and optimizer state are checked before they are saved: if a step has made them
/// non-finite, they are never saved, and the step can no longer be skipped.
enum class OnNan {
  stop,  ///< ends with an error
  skip,  ///< skips the step; fails after ten in a row or if a step has made a parameter non-finite;
         ///< a model whose validation is not finite does not count as better
  rollback,  ///< returns to last/ with half the learning rate; fails after ten times, or if last/
             ///< is of the same step
};
/// Their names.
constexpr auto names_of(OnNan) {
  return name_table<OnNan>(
      "on-nan", {{OnNan::stop, "stop"}, {OnNan::skip, "skip"}, {OnNan::rollback, "rollback"}});
}

/// The configuration of a training.
struct TrainingConfig {
  data::BatchSize batch;  ///< in training and validation
  std::int64_t epochs = data::option(&epochs, "epochs", 10, {1, data::kMany},
                                     "passes over the training data", {.adjustable = true});
  std::int64_t steps = data::option(&steps, "steps", 0, {0, data::kMany},
                                    "maximum number of steps (0: unlimited)", {.adjustable = true});
  OptimizerKind optimizer = data::option(&optimizer, "optimizer", OptimizerKind::adam,
                                         "optimizer; sgd uses momentum 0.9, adadelta rho 0.95");
  double lr = data::option(&lr, "lr", 1e-3, {0, data::kFinite},
                           "learning rate (adagrad default: 0.01; adadelta default: 1)");
  double momentum = 0.9;  ///< of SGD; has no flag
  double adam_beta2 = data::option(&adam_beta2, "adam-beta2", 0.999, {0, 0.9999999},
                                   "decay of the second moments of adam and adamw");
  double weight_decay = data::option(&weight_decay, "weight-decay", 0.01, {0, data::kFinite},
                                     "decoupled weight decay of adamw");
  /// `plateau` requires validation pairs.
  optim::Decay schedule = data::option(&schedule, "schedule", optim::Decay::constant,
                                       "learning-rate schedule after warm-up; cosine: to 0 at the "
                                       "last step; step, plateau: multiplied by --decay-factor");
  std::int64_t warmup =
      data::option(&warmup, "warmup", 0, {0, data::kMany}, "steps of linear learning-rate warm-up");
  std::int64_t decay_every = data::option(&decay_every, "decay-every", 1000, {1, data::kMany},
                                          "with --schedule step: steps between decays");
  /// 0 and 1 themselves are rejected.
  double decay_factor =
      data::option(&decay_factor, "decay-factor", 0.5, {0, 1},
                   "with --schedule step or plateau: factor of each decay, between 0 and 1");
  std::int64_t decay_patience = data::option(
      &decay_patience, "decay-patience", 0, {0, data::kMany},
      "with --schedule plateau: epochs without improvement to tolerate before a decay");
  double clip =
      data::option(&clip, "clip", 1, {0, data::kFinite}, "maximum gradient norm (0: no clipping)");
  double label_smoothing = data::option(&label_smoothing, "label-smoothing", 0, {0, 0.99},
                                        "label smoothing, in training only");
  double teacher_forcing = data::option(
      &teacher_forcing, "teacher-forcing", 1, {0, 1},
      "probability of feeding the reference token to the decoder instead of its own prediction");
  ForcingBy forcing_by = data::option(&forcing_by, "teacher-forcing-by", ForcingBy::token,
                                      "decide for each token, or once for each sentence");
  ForcingSchedule forcing_schedule = data::option(
      &forcing_schedule, "forcing-schedule", ForcingSchedule::constant,
      "how the teacher-forcing probability decays from 1 to --teacher-forcing at the last step");
  std::int64_t accumulate =
      data::option(&accumulate, "accumulate", 1, {1, data::kMany}, "batches accumulated per step");
  std::int64_t average =
      data::option(&average, "average", 1, {1, 1000},
                   "best/ holds the average of the parameters after the last N epochs");
  double ema =
      data::option(&ema, "ema", 0, {0, 0.999999},
                   "best/ holds a moving average of the parameters with this decay (0: off)");
  data::AugmentOptions augment;  ///< how additional pairs are made from the training pairs
  std::int64_t patience = data::option(&patience, "patience", 0, {0, data::kMany},
                                       "stop after this many epochs without improvement (0: never)",
                                       {.adjustable = true});
  StopOn stop_on = data::option(
      &stop_on, "stop-on", StopOn::loss,
      "criterion for best/ and --patience: validation loss, or BLEU of greedy translations");
  OnNan on_nan =
      data::option(&on_nan, "on-nan", OnNan::stop,
                   "after a non-finite loss in training or validation: stop with an error, skip "
                   "the step or validation, or roll back to last/ with half the learning rate");
  bool deterministic = data::option(
      &deterministic, "deterministic", false,
      "the same weights on CPUs with AVX2 or AVX-512 and on AArch64: no matrix product is BLAS's",
      {.toggle = true});
  std::int64_t save_every = data::option(&save_every, "save-every", 0, {0, data::kMany},
                                         "also save last/ every N steps (0: after each epoch only)",
                                         {.adjustable = true});
  std::uint64_t seed = data::option(&seed, "seed", 1, data::kSeeds,
                                    "random seed for initialization, dropout and data order");
};

/// Throws Error naming the field that is out of range, or two fields that are incompatible.
void validate(const TrainingConfig& config);

/// The learning rate schedule for a training of `total` steps.
optim::ScheduleOptions schedule_options(const TrainingConfig& config, std::int64_t total);

/// The probability of feeding the true token at a step (from 1) of a training of `total` steps.
double forcing_ratio(const TrainingConfig& config, std::int64_t step, std::int64_t total);

}  // namespace weft::models
