#include "models/training/trainer_state.hpp"

#include "data/settings/option.hpp"
#include "models/files/formats.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;
constexpr std::int64_t kMaxSteps = 1'000'000'000'000;  // for 30 years at 1000 a second
constexpr double kMaxNumber = std::numeric_limits<double>::max();

}  // namespace

Json to_json(const TrainerState& state) {
  return {{"format", current_format(VersionedFile::trainer)},
          {"step", state.step},
          {"epoch", state.epoch},
          {"batch", state.batch},
          {"epoch_loss", state.epoch_loss},
          {"epoch_tokens", state.epoch_tokens},
          {"best_loss", state.best_loss},
          {"best_score", state.best_score},
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
          {"data_checksum", state.data_checksum}};
}

TrainerState read_trainer_state(const std::filesystem::path& file) {
  const Json content = read_current(file, VersionedFile::trainer);
  const JsonObject json(content, file.string());
  const auto count = [&json](const char* field) { return json.integer(field, 0, kMaxCount); };
  const auto loss = [&json](const char* field) { return json.number(field, 0, kMaxNumber); };
  TrainerState state;
  json.has("format");  // already read by read_current
  state.step = json.integer("step", 0, kMaxSteps);
  state.epoch = json.integer("epoch", 0, data::kMany);
  state.batch = count("batch");
  state.epoch_loss = loss("epoch_loss");
  state.epoch_tokens = count("epoch_tokens");
  state.best_loss = loss("best_loss");
  state.best_score = json.number("best_score", -kMaxNumber, kMaxNumber);
  state.skipped_in_row = json.integer("skipped_in_row", 0, kMostTrouble);
  state.rollbacks = json.integer("rollbacks", 0, kMostTrouble);
  state.epochs_since_best = json.integer("epochs_since_best", 0, state.epoch);
  state.plateau.best = loss("plateau_best");
  state.plateau.waited = count("plateau_waited");
  state.plateau.factor = json.number("plateau_factor", 0, 1);
  state.validated_step = json.integer("validated_step", 0, state.step);
  state.rng_seed = json.unsigned_integer("rng_seed");
  state.rng_position = json.unsigned_integer("rng_position");
  state.log_bytes = json.unsigned_integer("log_bytes");
  state.data_checksum = json.string("data_checksum");
  json.reject_unknown();
  return state;
}

}  // namespace weft::models
