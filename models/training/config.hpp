#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "data/augment.hpp"
#include "data/batches.hpp"
#include "models/seq2seq.hpp"
#include "models/training/optimizers.hpp"
#include "optim/schedule.hpp"

namespace weft::models {

/// How the probability of feeding the true token falls (Bengio et al. 2015, arXiv:1506.03099,
/// section 2.4; formulas in training_config.cpp).
enum class ForcingSchedule { constant, linear, exponential, inverse_sigmoid };

/// What the best model is chosen by, on the validation pairs.
enum class StopOn {
  loss,  ///< the lowest
  bleu,  ///< the highest, of greedy translations
};

/// What a trainer does when a loss or a gradient is NaN or infinite.
enum class OnNan {
  stop,      ///< ends with an error
  skip,      ///< leaves the step out; ends after ten in a row
  rollback,  ///< goes back to last/ with half the learning rate; ends after ten times
};

/// How to train; the flags of `weft train` under "training".
struct TrainingConfig {
  data::BatchSize batch;     ///< in training and validation
  std::int64_t epochs = 10;  ///< passes over the training pairs
  std::int64_t steps = 0;    ///< end after so many, maybe within an epoch; 0: no limit
  OptimizerKind optimizer = OptimizerKind::adam;  ///< its other constants keep their defaults
  double lr = 1e-3;       ///< after the warm-up; finite, >= 0, the same default for every optimizer
  double momentum = 0.9;  ///< of SGD
  double weight_decay = 0.01;                      ///< of AdamW
  optim::Decay schedule = optim::Decay::constant;  ///< `plateau` needs validation pairs
  std::int64_t warmup = 0;          ///< steps in which the learning rate rises to `lr`
  std::int64_t decay_every = 1000;  ///< steps between two falls of the schedule step
  double decay_factor = 0.5;        ///< what a fall multiplies by, of step and plateau
  std::int64_t decay_patience = 0;  ///< epochs that may be no better, of plateau
  double clip = 1;                  ///< largest norm of the gradient; 0: no clipping
  double label_smoothing = 0;       ///< of the training loss, in [0, 1); never of validation
  double teacher_forcing = 1;       ///< probability that the decoder is fed the true token
  ForcingBy forcing_by = ForcingBy::token;  ///< what a coin decides
  /// How the probability falls from 1 to `teacher_forcing` over the planned steps.
  ForcingSchedule forcing_schedule = ForcingSchedule::constant;
  std::int64_t accumulate = 1;    ///< batches whose gradients make one step
  std::int64_t average = 1;       ///< epochs whose parameters are averaged: the last so many
  double ema = 0;                 ///< decay of a moving average of the parameters; 0: none
  data::AugmentOptions augment;   ///< how other pairs are made of the training pairs
  StopOn stop_on = StopOn::loss;  ///< what best/ and `patience` go by
  OnNan on_nan = OnNan::stop;     ///< what follows a loss or gradient that is not finite
  std::int64_t patience = 0;      ///< stop after this many epochs without a better one; 0: never
  std::int64_t save_every = 0;    ///< write last/ every so many steps, beside every epoch's end
  std::uint64_t seed = 1;         ///< of parameters, dropout, coins and the order of batches
};

/// Throws Error naming the field that is out of range.
void validate(const TrainingConfig& config);

/// The schedule of the learning rate in a training of `total` steps.
optim::ScheduleOptions schedule_options(const TrainingConfig& config, std::int64_t total);

/// The probability of feeding the true token in a step (from 1) of a training of `total` steps.
double forcing_ratio(const TrainingConfig& config, std::int64_t step, std::int64_t total);

}  // namespace weft::models
