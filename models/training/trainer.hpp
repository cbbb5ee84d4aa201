#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "autograd/random.hpp"
#include "models/files/folder_lock.hpp"
#include "models/training/checkpoint.hpp"
#include "models/training/config.hpp"
#include "models/training/hooks.hpp"
#include "models/training/step_clock.hpp"
#include "models/training/task.hpp"

namespace weft::models {

/// Trains the module of a task in a run directory:
///
///     log.jsonl   one line per epoch
///     best/       the model that is best on the validation data (without them, the latest one);
///                 the averaged model if training averages
///     last/       everything needed to resume
///
/// A run that is killed at any moment and resumed ends bit-identical to an uninterrupted one. If
/// best/ is lost, its figures no longer count: the next model that is validated is saved there, or
/// the last one if there is nothing left to train.
class Trainer {
 public:
  /// Creates the run directory. With `resume`, continues from `last/`, if it exists, and loads the
  /// module's parameters from there. Steps draw random numbers from `generator`; pass the one that
  /// initialized the module's parameters, so that a single seed determines everything. Throws Error
  /// if `check_run_directory` does, if the data differ from those of the run, or if the
  /// configuration requires validation data and there are none. The task must outlive the trainer.
  Trainer(Task& task, const TrainingConfig& config, const Generator& generator,
          const std::filesystem::path& run_directory, bool resume);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Trains to the end, or until `should_stop` returns true, in which case last/ is saved. An
  /// interrupted step or validation is repeated when training resumes. Throws Error if a loss in
  /// training or validation, a gradient, a parameter or the optimizer state is not finite and OnNan
  /// offers no way to continue; best/ and last/ then remain unchanged.
  TrainingResult run(const TrainingHooks& hooks = {});

 private:
  // trainer.cpp: the training loop
  void go_on_from_last();
  bool out_of_steps() const;
  bool finished() const;
  double learning_rate(std::int64_t step) const;
  double train_loss() const;
  Progress progress(std::int64_t batches) const;
  bool run_epoch(const TrainingHooks& hooks);
  void warn_of_directory(const TrainingHooks& hooks) const;

  // trainer_step.cpp: one step
  std::vector<data::Batch> next_batches(std::int64_t batches_of_epoch);
  void step(const std::vector<data::Batch>& batches, const TrainingHooks& hooks);

  // trainer_trouble.cpp: non-finite values
  void handle_bad_step(double loss, double norm, const TrainingHooks& hooks);
  bool handle_bad_validation(const std::string& what, const TrainingHooks& hooks);
  bool ensure_finite(const TrainingHooks& hooks);
  void roll_back(const std::string& what, const TrainingHooks& hooks);

  // trainer_epoch.cpp: validating and saving
  void validate_and_save(const TrainingHooks& hooks, bool end_of_epoch);
  std::optional<std::string> judge(EpochReport& report);
  bool best_is_lost() const;
  void save_best(const WeightAverage& average);
  void restore_best(const TrainingHooks& hooks);
  void remember(const EpochReport& report);
  void end_epoch(const EpochReport& report);
  void log(const EpochReport& report);
  SavedModel saved_model();
  void save_last();

  Task& task_;
  TrainingConfig config_;
  Generator generator_;
  std::filesystem::path directory_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<optim::Optimizer> optimizer_;
  WeightAverage average_;
  std::int64_t total_steps_;
  optim::Schedule schedule_;
  TrainerState state_;
  StepClock clock_;
  std::string log_trouble_;  // what was wrong with the log when the run was opened
};

}  // namespace weft::models
