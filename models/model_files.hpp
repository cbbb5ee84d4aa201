#pragma once

#include "models/json.hpp"

namespace weft::models {

struct Translator;

// The files of a model directory, and of a checkpoint.
inline constexpr const char* kConfigName = "config.json";
inline constexpr const char* kModelName = "model.safetensors";
inline constexpr const char* kSourceVocabName = "source.vocab";
inline constexpr const char* kTargetVocabName = "target.vocab";
inline constexpr const char* kOptimizerName = "optimizer.safetensors";
inline constexpr const char* kTrainerName = "trainer.json";

/// The content of config.json.
Json config_json(const Translator& translator);

}  // namespace weft::models
