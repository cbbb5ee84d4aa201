#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

#include "models/training/weight_average.hpp"
#include "models/translation/translator.hpp"
#include "optim/optimizer.hpp"
#include "optim/plateau.hpp"

namespace weft::models {

/// Where a training stands between two steps: with the parameters and the optimizer's state, all
/// that the steps to come depend on.
struct TrainerState {
  std::int64_t step = 0;          ///< optimizer steps done
  std::int64_t epoch = 0;         ///< epochs done
  std::int64_t batch = 0;         ///< batches done in the epoch under way
  double epoch_loss = 0;          ///< sum of the losses of its target tokens
  std::int64_t epoch_tokens = 0;  ///< target tokens of the epoch under way, `<eos>` included
  double best_loss = std::numeric_limits<double>::max();  ///< lowest validation loss
  double best_bleu = -1;               ///< highest BLEU on the validation pairs, of StopOn::bleu
  std::int64_t skipped_in_row = 0;     ///< steps left out since the last that was not
  std::int64_t rollbacks = 0;          ///< how often it went back to a checkpoint
  std::int64_t epochs_since_best = 0;  ///< whole epochs; stays 0 without validation pairs
  optim::PlateauState plateau;         ///< of the schedule `plateau`
  std::int64_t validated_step = 0;     ///< the step after which the model was validated last
  std::uint64_t rng_seed = 0;          ///< of the default generator
  std::uint64_t rng_position = 0;      ///< of the default generator
  std::uint64_t log_bytes = 0;         ///< length of log.jsonl
  std::string corpus;                  ///< checksum of the training and validation pairs
};

/// Writes a model directory (config.json, model.safetensors, both languages,
/// manifest.json) in the place of `directory`, as a whole. Throws Error naming the file; the old
/// directory then stays whole.
void save_model(const std::filesystem::path& directory, const Translator& translator);

/// The same with optimizer.safetensors, trainer.json and, if there is an average, what keeps it in
/// average.safetensors, to go on from.
void save_checkpoint(const std::filesystem::path& directory, const Translator& translator,
                     const optim::Optimizer& optimizer, const WeightAverage& average,
                     const TrainerState& state);

/// Reads the trainer state alone: enough to tell whether a checkpoint is of a certain corpus.
TrainerState load_trainer_state(const std::filesystem::path& directory);

/// Reads model parameters, optimizer state, average and trainer state back. Throws Error naming
/// file and field.
TrainerState load_checkpoint(const std::filesystem::path& directory, Seq2Seq& model,
                             optim::Optimizer& optimizer, WeightAverage& average);

}  // namespace weft::models
