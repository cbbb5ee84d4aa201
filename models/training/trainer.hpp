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
///     log.jsonl   a line an epoch
///     best/       the model that is best on the validation data (the latest one without them); of
///                 an averaging training the average
///     last/       everything to go on from
///
/// A run killed at any moment and resumed ends with the same bits as one that was not.
class Trainer {
 public:
  /// Makes the run directory. With `resume` it goes on from `last/`, if that was written; the
  /// module then gets its parameters from there. A step draws its random numbers from `generator`:
  /// the one that the module's parameters were drawn from, after that, so that one seed tells all.
  /// Throws Error if `check_run_directory` does, the data are not those of the run, or the
  /// configuration needs validation data and there are none. The task has to outlive the trainer.
  Trainer(Task& task, const TrainingConfig& config, const Generator& generator,
          const std::filesystem::path& run_directory, bool resume);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Trains to the end, or until `should_stop` says so; then last/ is saved. Throws Error if a loss
  /// in training or validation, a gradient, a parameter or the optimizer's state is not finite and
  /// OnNan does not know better; best/ and last/ then stay as they were.
  TrainingResult run(const TrainingHooks& hooks = {});

 private:
  // trainer.cpp: where the training stands
  void go_on_from_last();
  bool out_of_steps() const;
  bool finished() const;
  double learning_rate(std::int64_t step) const;
  double train_loss() const;
  Progress progress(std::int64_t batches) const;
  bool run_epoch(const TrainingHooks& hooks);

  // trainer_step.cpp: one step
  std::vector<data::Batch> next_batches(std::int64_t batches_of_epoch);
  void step(const std::vector<data::Batch>& batches, const TrainingHooks& hooks);

  // trainer_trouble.cpp: what is not finite
  void leave_out(double loss, double norm, const TrainingHooks& hooks);
  bool bear(const std::string& what, const TrainingHooks& hooks);
  bool check_finite(const TrainingHooks& hooks);
  void go_back(std::int64_t step, const std::string& what, const TrainingHooks& hooks);

  // trainer_epoch.cpp: validating and saving
  void validate_and_save(const TrainingHooks& hooks, bool end_of_epoch);
  std::optional<std::string> judge(EpochReport& report);
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
};

}  // namespace weft::models
