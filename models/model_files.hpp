#pragma once

#include "models/json.hpp"

namespace weft::models {

struct Translator;

/// Model, tokenizer and training flags; every model directory has it and the next three.
inline constexpr const char* kConfigName = "config.json";
/// The parameters by the names of `Module::state`.
inline constexpr const char* kModelName = "model.safetensors";
/// One token a line in the order of ids, as Vocabulary::load reads it.
inline constexpr const char* kSourceVocabName = "source.vocab";
/// The same; a file of its own even if both vocabularies are equal.
inline constexpr const char* kTargetVocabName = "target.vocab";
/// The optimizer's state; a checkpoint's alone.
inline constexpr const char* kOptimizerName = "optimizer.safetensors";
/// The TrainerState; a checkpoint's alone. A folder that has it can be resumed.
inline constexpr const char* kTrainerName = "trainer.json";

/// The content of config.json.
Json config_json(const Translator& translator);

}  // namespace weft::models
