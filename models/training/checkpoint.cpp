#include "models/training/checkpoint.hpp"

#include "models/files/atomic_directory.hpp"
#include "models/files/manifest.hpp"
#include "models/translation/model_files.hpp"
#include "nn/safetensors.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;
constexpr double kMaxNumber = std::numeric_limits<double>::max();

void write_model(DirectoryWriter& writer, const Translator& translator) {
  writer.write_file(kConfigName, to_text(config_json(translator), kConfigName));
  writer.write_file(kModelName, [&](File& file) {
    write_safetensors(file, translator.model->state(), {{"format", "pt"}});
  });
  save_language(writer.path() / kSourceName, translator.source);
  save_language(writer.path() / kTargetName, translator.target);
}

Json to_json(const TrainerState& state) {
  return {{"step", state.step},
          {"epoch", state.epoch},
          {"batch", state.batch},
          {"epoch_loss", state.epoch_loss},
          {"epoch_tokens", state.epoch_tokens},
          {"best_loss", state.best_loss},
          {"best_bleu", state.best_bleu},
          {"skipped_in_row", state.skipped_in_row},
          {"rollbacks", state.rollbacks},
          {"epochs_since_best", state.epochs_since_best},
          {"plateau_best", state.plateau.best},
          {"plateau_waited", state.plateau.waited},
          {"plateau_factor", state.plateau.factor},
          {"validated_step", state.validated_step},
          {"rng_seed", state.rng_seed},
          {"rng_position", state.rng_position},
          {"log_bytes", state.log_bytes},
          {"corpus", state.corpus}};
}

TrainerState trainer_state_from(const JsonObject& json) {
  TrainerState state;
  state.step = json.integer("step", 0, kMaxCount);
  state.epoch = json.integer("epoch", 0, kMaxCount);
  state.batch = json.integer("batch", 0, kMaxCount);
  state.epoch_loss = json.number("epoch_loss", -kMaxNumber, kMaxNumber);
  state.epoch_tokens = json.integer("epoch_tokens", 0, kMaxCount);
  state.best_loss = json.number("best_loss", -kMaxNumber, kMaxNumber);
  state.best_bleu = json.number("best_bleu", -1, 100.5);
  state.skipped_in_row = json.integer("skipped_in_row", 0, kMaxCount);
  state.rollbacks = json.integer("rollbacks", 0, kMaxCount);
  state.epochs_since_best = json.integer("epochs_since_best", 0, kMaxCount);
  state.plateau.best = json.number("plateau_best", -kMaxNumber, kMaxNumber);
  state.plateau.waited = json.integer("plateau_waited", 0, kMaxCount);
  state.plateau.factor = json.number("plateau_factor", 0, 1);
  state.validated_step = json.integer("validated_step", 0, kMaxCount);
  state.rng_seed = json.unsigned_integer("rng_seed");
  state.rng_position = json.unsigned_integer("rng_position");
  state.log_bytes = json.unsigned_integer("log_bytes");
  state.corpus = json.string("corpus");
  json.reject_unknown();
  return state;
}

}  // namespace

void save_model(const std::filesystem::path& directory, const Translator& translator) {
  DirectoryWriter writer(directory);
  write_model(writer, translator);
  write_manifest(writer);
  writer.commit();
}

void save_checkpoint(const std::filesystem::path& directory, const Translator& translator,
                     const optim::Optimizer& optimizer, const WeightAverage& average,
                     const TrainerState& state) {
  DirectoryWriter writer(directory);
  write_model(writer, translator);
  writer.write_file(kOptimizerName,
                    [&](File& file) { write_safetensors(file, optimizer.state()); });
  if (const nn::NamedTensors kept = average.state(); !kept.empty()) {
    writer.write_file(kAverageName, [&](File& file) { write_safetensors(file, kept); });
  }
  writer.write_file(kTrainerName, to_text(to_json(state), kTrainerName));
  write_manifest(writer);
  writer.commit();
}

TrainerState load_trainer_state(const std::filesystem::path& directory) {
  const std::filesystem::path path = published_directory(directory) / kTrainerName;
  const Json json = read_json_strict(path);
  return trainer_state_from(JsonObject(json, path.string()));
}

TrainerState load_checkpoint(const std::filesystem::path& directory, Seq2Seq& model,
                             optim::Optimizer& optimizer, WeightAverage& average) {
  const std::filesystem::path published = published_directory(directory);
  verify_manifest(published, {kModelName, kOptimizerName, kTrainerName});
  TrainerState state = load_trainer_state(directory);
  load_state(model, nn::read_safetensors(published / kModelName), published / kModelName);
  load_state(optimizer, nn::read_safetensors(published / kOptimizerName),
             published / kOptimizerName);
  std::error_code ignored;
  if (average.active() && std::filesystem::exists(published / kAverageName, ignored)) {
    load_state(average, nn::read_safetensors(published / kAverageName), published / kAverageName);
  }
  return state;
}

}  // namespace weft::models
