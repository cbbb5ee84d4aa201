#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "autograd/tensor.hpp"

namespace weft::models {

/// What is known after a step.
struct Progress {
  std::int64_t step;         ///< this one, from 1; a resumed run counts on
  std::int64_t epoch;        ///< the one under way, from 1
  std::int64_t epochs;       ///< as configured; patience or the limit of steps may end it before
  std::int64_t batch;        ///< done in this epoch
  std::int64_t batches;      ///< of this epoch
  double loss;               ///< mean over the epoch so far, per target token
  double lr;                 ///< that the step took
  double tokens_per_second;  ///< target tokens, without the first 10 steps and validation
};

/// What is known after an epoch, or after the part of one that the limit of steps leaves.
struct EpochReport {
  std::int64_t epoch;  ///< from 1
  std::int64_t step;   ///< steps done, from the start of the run
  double train_loss;   ///< mean per target token, in nats, as training had it: with dropout, own
                       ///< tokens fed back, smoothed labels
  std::optional<double> valid_loss;   ///< none without validation data, or if it is not finite
  std::optional<double> valid_score;  ///< the task's, if StopOn goes by it
  bool best;                 ///< whether it is the best so far; true without validation data
  double tokens_per_second;  ///< as in Progress; 0 while no step was timed
};

/// How a training ended.
struct TrainingResult {
  std::int64_t steps;                     ///< of the whole run, before a resume as well
  std::int64_t epochs;                    ///< whole ones, of the whole run
  std::optional<double> best_valid_loss;  ///< none if none was measured yet
  double tokens_per_second;               ///< as in Progress; of this process alone
  bool interrupted;                       ///< by `should_stop`; the state is in last/
};

/// What the batches of a step lost.
struct BatchLoss {
  double loss = 0;          ///< the sum over their target tokens
  std::int64_t tokens = 0;  ///< how many those are
};

/// What a trainer tells and asks while it runs. Each may be empty.
struct TrainingHooks {
  /// Called after every step, before `should_stop` and before the step may be saved.
  std::function<void(const Progress&)> on_step;
  /// Called when log.jsonl, best/ and last/ are on the disk.
  std::function<void(const EpochReport&)> on_epoch;
  /// Asked after every step.
  std::function<bool()> should_stop;
  /// Told of every step and every validation that is left out, and of every way back.
  std::function<void(const std::string&)> on_trouble;
  /// Called once a step for each parameter, during backward, as soon as its gradient is whole: all
  /// uses and all accumulated batches are in it. A sum over processes may begin then;
  /// `set_gradient` puts it in the place of a gradient, which may be rows of an embedding table. A
  /// gradient is that of the mean over `own.tokens`. The order is the same wherever the same ops
  /// are recorded (not with teacher forcing and without); parameters that the last batch has no
  /// gradient for come last.
  std::function<void(const std::string& name, Tensor& parameter, const BatchLoss& own)> on_gradient;
  /// Called when `on_gradient` was called for each, before the step is judged (NaN) and the
  /// gradients are clipped: what it leaves in the gradients is what the optimizer gets, what it
  /// leaves in `step` is what is judged and logged. So processes decide alike.
  std::function<void(BatchLoss& step)> on_gradients;
};

}  // namespace weft::models
