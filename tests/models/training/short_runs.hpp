#pragma once

#include <fstream>
#include <memory>
#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/models/training/training.hpp"

// Short training runs, complete or interrupted, and whether two of them ended identically.
namespace weft::models {

inline constexpr std::int64_t kBatches = 4;  ///< per epoch of `short_run`

/// Three epochs of four batches, using everything that draws random numbers.
inline TrainingConfig short_run(OptimizerKind optimizer) {
  TrainingConfig config;
  config.batch.sentences = 5;
  config.epochs = 3;
  config.optimizer = optimizer;
  config.lr = 0.02;
  config.teacher_forcing = 0.5;
  config.warmup = 3;
  return config;
}

/// Six epochs whose losses go up and down; the learning rate falls when they go up.
inline TrainingConfig plateau_run() {
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.epochs = 6;
  config.lr = 1.5;
  config.clip = 0;
  config.warmup = 0;
  config.schedule = optim::Decay::plateau;
  config.decay_factor = 0.25;
  return config;
}

/// Asks the trainer to stop after a step.
inline TrainingHooks stop_after(std::int64_t step) {
  const auto done = std::make_shared<std::int64_t>(0);
  TrainingHooks hooks;
  hooks.on_step = [done](const Progress& progress) { *done = progress.step; };
  hooks.should_stop = [done, step] { return *done >= step; };
  return hooks;
}

/// Counts in `asked` how often the training asks whether to stop, and answers yes to question
/// `number`, counted from 1.
inline TrainingHooks stop_at_question(std::int64_t& asked, std::int64_t number) {
  TrainingHooks hooks;
  hooks.should_stop = [&asked, number] { return ++asked == number; };
  return hooks;
}

/// Throws out of `run`, leaving what a killed process would leave.
inline TrainingHooks die_after(std::int64_t step) {
  TrainingHooks hooks;
  hooks.on_step = [step](const Progress& progress) {
    if (progress.step == step) {
      throw std::runtime_error("killed");
    }
  };
  return hooks;
}

/// Trains on pairs of `copy_task`; random numbers continue where the parameters were drawn.
inline TrainingResult train(Translator& translator, const TrainingConfig& config,
                            const std::filesystem::path& run, bool resume,
                            const TrainingHooks& hooks = {}) {
  TranslationTask task(translator, copy_data(translator, 20, 6), batches_of(config));
  Trainer trainer(task, config, default_generator(), run, resume);
  return trainer.run(hooks);
}

/// The lines of a run's log, without the fields that depend on time.
inline std::vector<Json> log_of(const std::filesystem::path& run) {
  std::ifstream file(run / "log.jsonl");
  std::vector<Json> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(parse_json_strict(line, "log.jsonl"));
    lines.back().erase("tokens_per_second");
  }
  return lines;
}

/// Checks that two runs ended identically: parameters, optimizer, best model, log, random numbers.
inline void check_same_run(const std::filesystem::path& a, const std::filesystem::path& b) {
  for (const std::string name :
       {"last/model.safetensors", "last/optimizer.safetensors", "best/model.safetensors"}) {
    INFO(name);
    const bool same = bytes_of(a / name) == bytes_of(b / name);
    CHECK(same);
  }
  CHECK(log_of(a) == log_of(b));
  Json x = read_json_strict(a / "last" / kTrainerName);
  Json y = read_json_strict(b / "last" / kTrainerName);
  x.erase("log_bytes");  // a rate may have more digits
  y.erase("log_bytes");
  CHECK(x == y);
}

}  // namespace weft::models
