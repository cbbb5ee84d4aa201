#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batches.hpp"
#include "models/files/folder_lock.hpp"
#include "models/training/checkpoint.hpp"
#include "models/training/config.hpp"
#include "models/training/run_directory.hpp"
#include "models/training/weight_average.hpp"

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
  std::optional<double> valid_loss;  ///< none without validation pairs
  std::optional<double> valid_bleu;  ///< of StopOn::bleu
  bool best;                 ///< whether it is the best so far; true without validation pairs
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
  /// BLEU of the model, in eval mode, on the validation pairs; for StopOn::bleu.
  std::function<double(const Translator&)> valid_bleu;
  /// Told of every step that is left out and of every way back.
  std::function<void(const std::string&)> on_trouble;
};

/// Mean loss per target token, the model in eval mode while it is measured.
double mean_loss(Seq2Seq& model, const std::vector<data::SentencePair>& pairs,
                 data::BatchSize batch);

/// Trains the model of a translator in a run directory:
///
///     log.jsonl   a line an epoch
///     best/       the model that is best on the validation pairs (the latest one without them); of
///                 an averaging training the average
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
  /// loss, in training or validation, is not finite and OnNan does not know better; best/ and last/
  /// then stay as they were.
  TrainingResult run(const TrainingHooks& hooks = {});

 private:
  class Clock;

  double learning_rate(std::int64_t step) const;
  /// The mean over the target tokens of the epoch's steps; 0 before the first.
  double train_loss() const;
  void step(const std::vector<data::Batch>& batches, const TrainingHooks& hooks);
  data::Batch augmented_batch(const std::vector<std::int64_t>& rows) const;
  std::vector<data::Batch> next_batches(const data::BatchPlan& plan) const;
  double backward(const std::vector<data::Batch>& batches);
  void handle_nan(double loss, double norm, const TrainingHooks& hooks);
  bool judge(EpochReport& report, const TrainingHooks& hooks);
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
  WeightAverage average_;
  std::int64_t total_steps_;
  optim::Schedule schedule_;
  TrainerState state_;
  std::unique_ptr<Clock> clock_;
};

}  // namespace weft::models
