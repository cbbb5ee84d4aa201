#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "autograd/tensor.hpp"

namespace weft::models {

/// The state of training after a step.
struct Progress {
  std::int64_t step;         ///< this step, from 1; a resumed run continues the count
  std::int64_t epoch;        ///< the current epoch, from 1
  std::int64_t epochs;       ///< as configured; patience or the step limit may end training earlier
  std::int64_t batch;        ///< batches done in this epoch
  std::int64_t batches;      ///< batches in this epoch
  double loss;               ///< mean per target token over the epoch so far
  double lr;                 ///< learning rate of this step
  double tokens_per_second;  ///< target tokens; excludes the first 10 steps and validation
};

/// The result of an epoch, or of the part of one that the step limit allows.
struct EpochReport {
  std::int64_t epoch;  ///< from 1
  std::int64_t step;   ///< steps since the start of the run
  double train_loss;   ///< mean per target token, in nats, as measured in training: with dropout,
                       ///< scheduled sampling and label smoothing
  std::optional<double> valid_loss;   ///< empty without validation data, or if not finite
  std::optional<double> valid_score;  ///< the task's score, if StopOn uses it
  bool best;                 ///< whether it is the best so far; true without validation data
  double tokens_per_second;  ///< as in Progress; 0 if no step was timed
};

/// The result of a training.
struct TrainingResult {
  std::int64_t steps;                     ///< of the whole run, including before a resume
  std::int64_t epochs;                    ///< completed epochs of the whole run
  std::optional<double> best_valid_loss;  ///< of the model in best/; empty if none was measured
  double tokens_per_second;               ///< as in Progress; of this process only
  bool interrupted;                       ///< by `should_stop`; the state is saved in last/
};

/// The loss of a step's batches.
struct BatchLoss {
  double loss = 0;          ///< sum over their target tokens
  std::int64_t tokens = 0;  ///< number of target tokens
};

/// Callbacks of a trainer. Each may be empty.
struct TrainingHooks {
  /// Called after every step, before `should_stop` and before a possible save.
  std::function<void(const Progress&)> on_step;
  /// Called once log.jsonl, best/ and last/ are on disk.
  std::function<void(const EpochReport&)> on_epoch;
  /// Called after every step, and between the batches of a step and of validation, and wherever
  /// else the work can be interrupted (see InterruptionScope). Training stops if it returns true.
  std::function<bool()> should_stop;
  /// Called for every skipped step or validation, for every rollback, if the run directory cannot
  /// be locked, and if somebody has changed the log or best/ is lost.
  std::function<void(const std::string&)> on_trouble;
  /// Called once per step and parameter, during backward, as soon as the parameter's gradient is
  /// complete: all uses and all accumulated batches are included. An all-reduce over processes may
  /// start then; `set_gradient` replaces a gradient, which may consist of rows of an embedding
  /// table. A gradient is that of the mean over `own.tokens`. The order is the same whenever the
  /// same ops are recorded (they differ with and without teacher forcing); parameters without a
  /// gradient from the last batch come last.
  std::function<void(const std::string& name, Tensor& parameter, const BatchLoss& own)> on_gradient;
  /// Called after `on_gradient` was called for every parameter, before the step is checked for NaN
  /// and the gradients are clipped. The gradients it leaves are passed to the optimizer, and the
  /// loss it leaves in `step` is checked and logged, so that all processes decide alike.
  std::function<void(BatchLoss& step)> on_gradients;
};

}  // namespace weft::models
