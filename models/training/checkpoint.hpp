#pragma once

#include <filesystem>
#include <functional>

#include "models/files/atomic_directory.hpp"
#include "models/training/trainer_state.hpp"
#include "models/training/weight_average.hpp"
#include "nn/module.hpp"
#include "optim/optimizer.hpp"

namespace weft::models {

/// The parameters, by their names in `Module::state`; in every model directory.
inline constexpr const char* kModelName = "model.safetensors";
/// The optimizer's state; only in checkpoints.
inline constexpr const char* kOptimizerName = "optimizer.safetensors";
/// The WeightAverage's state; only in checkpoints of a training that averages.
inline constexpr const char* kAverageName = "average.safetensors";
/// The TrainerState; only in checkpoints. A folder that has it can be resumed from.
inline constexpr const char* kTrainerName = "trainer.json";

/// A module, and a function that writes the other files of its model directory.
struct SavedModel {
  const nn::Module& module;                            ///< whose parameters are saved
  std::function<void(DirectoryWriter&)> write_others;  ///< config.json, vocabularies ...
};

/// Atomically replaces `directory` by a new model directory (the other files, model.safetensors,
/// manifest.json). Throws Error naming the file, and the parameter if one is not finite; the old
/// directory then remains unchanged.
void save_model(const std::filesystem::path& directory, const SavedModel& model);

/// The same, with what is needed to resume: optimizer.safetensors, trainer.json and, if there is an
/// average, its state in average.safetensors.
void save_checkpoint(const std::filesystem::path& directory, const SavedModel& model,
                     const optim::Optimizer& optimizer, const WeightAverage& average,
                     const TrainerState& state);

/// Reads only the trainer state: enough to check whether a checkpoint belongs to certain data.
TrainerState load_trainer_state(const std::filesystem::path& directory);

/// Restores module parameters, optimizer state, average and trainer state. Throws Error naming file
/// and field if anything is damaged, not finite or out of range.
TrainerState load_checkpoint(const std::filesystem::path& directory, nn::Module& module,
                             optim::Optimizer& optimizer, WeightAverage& average);

}  // namespace weft::models
