#include "models/training/checkpoint.hpp"

#include "models/files/manifest.hpp"
#include "nn/safetensors.hpp"

namespace weft::models {
namespace {

/// Throws Error for values that are not finite: a file with them could not be loaded again.
void write_tensors(DirectoryWriter& writer, const char* name, const nn::NamedTensors& tensors,
                   const nn::Metadata& metadata = {}) {
  writer.write_file(name, [&](File& file) {
    nn::check_finite(tensors, file.name());
    nn::write_safetensors(file, tensors, metadata);
  });
}

void write_model(DirectoryWriter& writer, const SavedModel& model) {
  model.write_others(writer);
  write_tensors(writer, kModelName, model.module.state(), {{"format", "pt"}});
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
  write_tensors(writer, kOptimizerName, optimizer.state());
  if (const nn::NamedTensors kept = average.state(); !kept.empty()) {
    write_tensors(writer, kAverageName, kept);
  }
  writer.write_file(kTrainerName, to_text(to_json(state), kTrainerName));
  write_manifest(writer);
  writer.commit();
}

TrainerState load_trainer_state(const std::filesystem::path& directory) {
  return read_trainer_state(Manifest(published_directory(directory)).file(kTrainerName));
}

TrainerState load_checkpoint(const std::filesystem::path& directory, nn::Module& module,
                             optim::Optimizer& optimizer, WeightAverage& average) {
  const Manifest files(published_directory(directory));
  const auto load = [&files](auto& target, const char* name) {
    const std::filesystem::path path = files.file(name);
    load_state(target, nn::read_safetensors(path), path);
  };
  TrainerState state = read_trainer_state(files.file(kTrainerName));
  load(module, kModelName);
  load(optimizer, kOptimizerName);
  if (average.begun(state.step, state.epoch)) {
    load(average, kAverageName);
  } else {
    average.load_state({});
  }
  return state;
}

}  // namespace weft::models
