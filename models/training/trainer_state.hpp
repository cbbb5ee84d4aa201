#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

#include "models/files/json.hpp"
#include "optim/plateau.hpp"

namespace weft::models {

/// Steps left out in a row, and ways back, that a training bears.
inline constexpr std::int64_t kMostTrouble = 10;

/// Where a training stands between two steps: with the parameters and the optimizer's state, all
/// that the steps to come depend on.
struct TrainerState {
  std::int64_t step = 0;          ///< optimizer steps done
  std::int64_t epoch = 0;         ///< epochs done
  std::int64_t batch = 0;         ///< batches done in the epoch under way
  double epoch_loss = 0;          ///< sum of the losses of its target tokens
  std::int64_t epoch_tokens = 0;  ///< target tokens of the epoch under way, `<eos>` included
  double best_loss = std::numeric_limits<double>::max();      ///< lowest validation loss
  double best_score = std::numeric_limits<double>::lowest();  ///< highest of StopOn's score
  std::int64_t skipped_in_row = 0;     ///< steps left out since the last that was not
  std::int64_t rollbacks = 0;          ///< how often it went back to a checkpoint
  std::int64_t epochs_since_best = 0;  ///< whole epochs; stays 0 without validation data
  optim::PlateauState plateau;         ///< of the schedule `plateau`
  std::int64_t validated_step = 0;     ///< the step after which the model was validated last
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
