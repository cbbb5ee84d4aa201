#pragma once

#include <filesystem>
#include <functional>

#include "models/files/atomic_directory.hpp"
#include "models/training/trainer_state.hpp"
#include "models/training/weight_average.hpp"
#include "nn/module.hpp"
#include "optim/optimizer.hpp"

namespace weft::models {

/// The parameters, by the names of `Module::state`; every model directory has them.
inline constexpr const char* kModelName = "model.safetensors";
/// The optimizer's state; a checkpoint's alone.
inline constexpr const char* kOptimizerName = "optimizer.safetensors";
/// The WeightAverage's state; of a checkpoint with an average.
inline constexpr const char* kAverageName = "average.safetensors";
/// The TrainerState; a checkpoint's alone. A folder that has it can be resumed.
inline constexpr const char* kTrainerName = "trainer.json";

/// A module, and what writes the files that a model directory has beside its parameters.
struct SavedModel {
  const nn::Module& module;                            ///< its parameters are kept
  std::function<void(DirectoryWriter&)> write_others;  ///< config.json, vocabularies ...
};

/// Writes a model directory (the other files, model.safetensors, manifest.json) in the place of
/// `directory`, as a whole. Throws Error naming the file, and the parameter if one is not finite;
/// the old directory then stays whole.
void save_model(const std::filesystem::path& directory, const SavedModel& model);

/// The same with optimizer.safetensors, trainer.json and, if there is an average, what keeps it in
/// average.safetensors, to go on from.
void save_checkpoint(const std::filesystem::path& directory, const SavedModel& model,
                     const optim::Optimizer& optimizer, const WeightAverage& average,
                     const TrainerState& state);

/// Reads the trainer state alone: enough to tell whether a checkpoint is of certain data.
TrainerState load_trainer_state(const std::filesystem::path& directory);

/// Reads module parameters, optimizer state, average and trainer state back. Throws Error naming
/// file and field: what is damaged, not finite or out of range is not gone on from.
TrainerState load_checkpoint(const std::filesystem::path& directory, nn::Module& module,
                             optim::Optimizer& optimizer, WeightAverage& average);

}  // namespace weft::models
