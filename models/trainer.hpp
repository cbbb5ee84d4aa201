#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batches.hpp"
#include "models/checkpoint.hpp"
#include "models/folder_lock.hpp"
#include "models/optimizers.hpp"
#include "optim/schedule.hpp"

namespace weft::models {

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
  std::int64_t patience = 0;        ///< stop after this many epochs without a better one; 0: never
  std::int64_t save_every = 0;      ///< write last/ every so many steps, beside every epoch's end
  std::uint64_t seed = 1;           ///< of parameters, dropout, coins and the order of batches
};

/// Throws Error naming the field that is out of range.
void validate(const TrainingConfig& config);

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
  std::optional<double> valid_loss;  ///< none without validation pairs
  bool best;                 ///< whether `valid_loss` is the lowest so far; true without one
  double tokens_per_second;  ///< as in Progress; 0 while no step was timed
};

/// How a training ended.
struct TrainingResult {
  std::int64_t steps;                     ///< of the whole run, before a resume as well
  std::int64_t epochs;                    ///< whole ones, of the whole run
  std::optional<double> best_valid_loss;  ///< none if nothing was validated yet
  double tokens_per_second;               ///< as in Progress; of this process alone
  bool interrupted;                       ///< by `should_stop`; the state is in last/
};

/// What a trainer tells and asks while it runs. Each may be empty.
struct TrainingHooks {
  /// Called after every step, before `should_stop` and before the step may be saved.
  std::function<void(const Progress&)> on_step;
  /// Called when log.jsonl, best/ and last/ are on the disk.
  std::function<void(const EpochReport&)> on_epoch;
  std::function<bool()> should_stop;  ///< asked after every step
};

/// Throws Error if a training must not begin in the directory: without `resume` it must hold no
/// run, with it the run must have a `last/` to go on from, if it has ended more than one epoch.
void check_run_directory(const std::filesystem::path& directory, bool resume);

/// Mean loss per target token, the model in eval mode while it is measured.
double mean_loss(Seq2Seq& model, const std::vector<data::SentencePair>& pairs,
                 data::BatchSize batch);

/// Trains the model of a translator in a run directory:
///
///     log.jsonl   a line an epoch
///     best/       the model with the lowest validation loss (the latest one without validation)
///     last/       everything to go on from
///
/// A run killed at any moment and resumed ends with the same bits as one that was not.
class Trainer {
 public:
  /// Makes the run directory. With `resume` it goes on from `last/`, if that was written. Throws
  /// Error if `check_run_directory` does, the pairs are not those of the run, or the schedule
  /// `plateau` has no validation pairs to go by.
  Trainer(Translator& translator, const TrainingConfig& config,
          std::vector<data::SentencePair> train, std::vector<data::SentencePair> valid,
          const std::filesystem::path& run_directory, bool resume);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Trains to the end, or until `should_stop` says so; then last/ is saved. Throws Error if a
  /// loss, in training or validation, is not finite; best/ and last/ then stay as they were.
  TrainingResult run(const TrainingHooks& hooks = {});

 private:
  class Clock;

  double learning_rate(std::int64_t step) const;
  void step(const data::Batch& batch);
  void validate_and_save(const TrainingHooks& hooks, bool end_of_epoch);
  void save_last();
  void log(const EpochReport& report);
  bool out_of_steps() const;
  bool finished() const;

  Translator& translator_;
  TrainingConfig config_;
  std::vector<data::SentencePair> train_;
  std::vector<data::SentencePair> valid_;
  std::filesystem::path directory_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  optim::Schedule schedule_;
  TrainerState state_;
  std::unique_ptr<Clock> clock_;
};

}  // namespace weft::models
