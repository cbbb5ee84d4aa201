#include "models/training/checkpoint.hpp"

#include "models/files/manifest.hpp"
#include "nn/safetensors.hpp"

namespace weft::models {
namespace {

void write_model(DirectoryWriter& writer, const SavedModel& model) {
  model.write_others(writer);
  writer.write_file(kModelName, [&](File& file) {
    nn::write_safetensors(file, model.module.state(), {{"format", "pt"}});
  });
}

}  // namespace

void save_model(const std::filesystem::path& directory, const SavedModel& model) {
  DirectoryWriter writer(directory);
  write_model(writer, model);
  write_manifest(writer);
  writer.commit();
}

void save_checkpoint(const std::filesystem::path& directory, const SavedModel& model,
                     const optim::Optimizer& optimizer, const WeightAverage& average,
                     const TrainerState& state) {
  DirectoryWriter writer(directory);
  write_model(writer, model);
  writer.write_file(kOptimizerName,
                    [&](File& file) { nn::write_safetensors(file, optimizer.state()); });
  if (const nn::NamedTensors kept = average.state(); !kept.empty()) {
    writer.write_file(kAverageName, [&](File& file) { nn::write_safetensors(file, kept); });
  }
  writer.write_file(kTrainerName, to_text(to_json(state), kTrainerName));
  write_manifest(writer);
  writer.commit();
}

TrainerState load_trainer_state(const std::filesystem::path& directory) {
  return read_trainer_state(published_directory(directory) / kTrainerName);
}

TrainerState load_checkpoint(const std::filesystem::path& directory, nn::Module& module,
                             optim::Optimizer& optimizer, WeightAverage& average) {
  const std::filesystem::path published = published_directory(directory);
  verify_manifest(published, {kModelName, kOptimizerName, kTrainerName});
  TrainerState state = load_trainer_state(directory);
  load_state(module, nn::read_safetensors(published / kModelName), published / kModelName);
  load_state(optimizer, nn::read_safetensors(published / kOptimizerName),
             published / kOptimizerName);
  std::error_code ignored;
  if (average.active() && std::filesystem::exists(published / kAverageName, ignored)) {
    load_state(average, nn::read_safetensors(published / kAverageName), published / kAverageName);
  }
  return state;
}

}  // namespace weft::models
