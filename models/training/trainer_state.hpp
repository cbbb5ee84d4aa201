#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

#include "models/files/json.hpp"
#include "optim/plateau.hpp"

namespace weft::models {

/// The maximum numbers of consecutive skipped steps and of rollbacks.
inline constexpr std::int64_t kMostTrouble = 10;

/// The state of a training between two steps. Together with the parameters and the optimizer's
/// state, it determines all further steps.
struct TrainerState {
  std::int64_t step = 0;          ///< optimizer steps done
  std::int64_t epoch = 0;         ///< epochs done
  std::int64_t batch = 0;         ///< batches done in the current epoch
  double epoch_loss = 0;          ///< summed loss of the current epoch's target tokens
  std::int64_t epoch_tokens = 0;  ///< target tokens in the current epoch, including `<eos>`
  double best_loss = std::numeric_limits<double>::max();      ///< validation loss of best/
  double best_score = std::numeric_limits<double>::lowest();  ///< score of best/, if StopOn uses it
  std::int64_t skipped_in_row = 0;     ///< consecutive skipped steps, up to now
  std::int64_t rollbacks = 0;          ///< number of rollbacks
  std::int64_t epochs_since_best = 0;  ///< completed epochs; stays 0 without validation data
  optim::PlateauState plateau;         ///< of the `plateau` schedule
  std::int64_t validated_step = 0;     ///< the step after which the model was last validated
  std::uint64_t rng_seed = 0;          ///< of the trainer's generator
  std::uint64_t rng_position = 0;      ///< of the trainer's generator
  std::uint64_t log_bytes = 0;         ///< length of log.jsonl
  std::string data_checksum;           ///< of the training and validation data
};

/// The content of trainer.json.
Json to_json(const TrainerState& state);

/// Reads a trainer.json of any version. Throws Error naming file and field.
TrainerState read_trainer_state(const std::filesystem::path& file);

}  // namespace weft::models
