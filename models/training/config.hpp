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

/// How the probability of feeding the true token falls (Bengio et al. 2015, arXiv:1506.03099,
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

/// What the best model is chosen by, on the validation pairs.
enum class StopOn {
  loss,   ///< the lowest
  score,  ///< the task's score, the highest; of translation BLEU of greedy translations
};
/// Their names.
constexpr auto names_of(StopOn) {
  return name_table<StopOn>("stop-on", {{StopOn::loss, "loss"}, {StopOn::score, "bleu"}});
}

/// What a trainer does when a loss or a gradient is NaN or infinite, in training or validation.
/// Parameters and the optimizer's state are looked at before they are saved: what a step has
/// spoiled is never saved, and cannot be left out.
enum class OnNan {
  stop,  ///< ends with an error
  skip,  ///< leaves the step out, and ends after ten in a row or if a step has spoiled a parameter;
         ///< a model whose validation is not finite counts as no better
  rollback,  ///< goes back to last/ with half the learning rate; ends after ten times, or if last/
             ///< is of the same step
};
/// Their names.
constexpr auto names_of(OnNan) {
  return name_table<OnNan>(
      "on-nan", {{OnNan::stop, "stop"}, {OnNan::skip, "skip"}, {OnNan::rollback, "rollback"}});
}

/// How to train.
struct TrainingConfig {
  data::BatchSize batch;  ///< in training and validation
  std::int64_t epochs = data::option(&epochs, "epochs", 10, {1, data::kMany},
                                     "passes over the training pairs", {.adjustable = true});
  std::int64_t steps = data::option(&steps, "steps", 0, {0, data::kMany},
                                    "stop after so many steps; 0: no limit", {.adjustable = true});
  OptimizerKind optimizer = data::option(&optimizer, "optimizer", OptimizerKind::adam,
                                         "sgd has momentum 0.9, adadelta rho 0.95");
  double lr = data::option(&lr, "lr", 1e-3, {0, data::kFinite},
                           "learning rate; of adagrad 0.01, of adadelta 1");
  double momentum = 0.9;  ///< of SGD; no flag
  double weight_decay =
      data::option(&weight_decay, "weight-decay", 0.01, {0, data::kFinite},
                   "of adamw: a step takes lr times this share from every parameter");
  /// `plateau` needs validation pairs.
  optim::Decay schedule =
      data::option(&schedule, "schedule", optim::Decay::constant,
                   "of the learning rate, once it is warm; cosine: towards 0 after the last step; "
                   "step and plateau: falls by --decay-factor");
  std::int64_t warmup = data::option(&warmup, "warmup", 0, {0, data::kMany},
                                     "steps in which the learning rate rises");
  std::int64_t decay_every = data::option(&decay_every, "decay-every", 1000, {1, data::kMany},
                                          "of step: steps between two falls");
  /// 0 and 1 themselves are refused.
  double decay_factor = data::option(
      &decay_factor, "decay-factor", 0.5, {0, 1},
      "of step and plateau: what a fall multiplies the learning rate by, between 0 and 1");
  std::int64_t decay_patience =
      data::option(&decay_patience, "decay-patience", 0, {0, data::kMany},
                   "of plateau: epochs in a row without a better one that pass before a fall");
  double clip = data::option(&clip, "clip", 1, {0, data::kFinite},
                             "largest norm of the gradient; 0: no clipping");
  double label_smoothing =
      data::option(&label_smoothing, "label-smoothing", 0, {0, 0.99},
                   "share of each target that is spread over all words; not in validation");
  double teacher_forcing = data::option(&teacher_forcing, "teacher-forcing", 1, {0, 1},
                                        "probability that the decoder is fed the true token");
  ForcingBy forcing_by = data::option(&forcing_by, "teacher-forcing-by", ForcingBy::token,
                                      "a coin for each token, or one for each sentence");
  ForcingSchedule forcing_schedule =
      data::option(&forcing_schedule, "forcing-schedule", ForcingSchedule::constant,
                   "how the probability falls, from 1 to --teacher-forcing at the last step");
  std::int64_t accumulate = data::option(&accumulate, "accumulate", 1, {1, data::kMany},
                                         "batches whose gradients make a step");
  std::int64_t average =
      data::option(&average, "average", 1, {1, 1000},
                   "best/ is the mean of the parameters after the last so many epochs");
  double ema =
      data::option(&ema, "ema", 0, {0, 0.999999},
                   "best/ is a moving average of the parameters with this decay; 0: is not");
  data::AugmentOptions augment;  ///< how other pairs are made of the training pairs
  std::int64_t patience = data::option(&patience, "patience", 0, {0, data::kMany},
                                       "stop after so many epochs without a better one; 0: never",
                                       {.adjustable = true});
  StopOn stop_on = data::option(
      &stop_on, "stop-on", StopOn::loss,
      "what best/ and --patience go by: validation loss, or BLEU of greedy translations");
  OnNan on_nan = data::option(&on_nan, "on-nan", OnNan::stop,
                              "after a loss that is not finite, in training or validation: an "
                              "error, the step or validation left out, or back to last/ with half "
                              "the learning rate");
  std::int64_t save_every = data::option(
      &save_every, "save-every", 0, {0, data::kMany},
      "save last/ every so many steps, not only after each epoch; 0: not", {.adjustable = true});
  std::uint64_t seed = data::option(&seed, "seed", 1, data::kSeeds,
                                    "of parameters, dropout and the order of sentences");
};

/// Throws Error naming the field that is out of range, or two that do not go together.
void validate(const TrainingConfig& config);

/// The schedule of the learning rate in a training of `total` steps.
optim::ScheduleOptions schedule_options(const TrainingConfig& config, std::int64_t total);

/// The probability of feeding the true token in a step (from 1) of a training of `total` steps.
double forcing_ratio(const TrainingConfig& config, std::int64_t step, std::int64_t total);

}  // namespace weft::models
