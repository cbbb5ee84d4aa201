#pragma once

#include <filesystem>

#include "data/language.hpp"
#include "models/files/json.hpp"

namespace weft::models {

struct Translator;

/// Model, tokenizer and training flags; every model directory has it, the next one, and a file for
/// each language.
inline constexpr const char* kConfigName = "config.json";
/// The parameters by the names of `Module::state`.
inline constexpr const char* kModelName = "model.safetensors";
/// The file of the source language, with one of the suffixes below.
inline constexpr const char* kSourceName = "source";
/// The same; a file of its own even if both languages are equal.
inline constexpr const char* kTargetName = "target";
/// A vocabulary: one token a line in the order of ids, as Vocabulary::load reads it.
inline constexpr const char* kVocabSuffix = ".vocab";
/// A model of subwords, as Subwords::load reads it; it holds the vocabulary.
inline constexpr const char* kSubwordsSuffix = ".spm";
/// The optimizer's state; a checkpoint's alone.
inline constexpr const char* kOptimizerName = "optimizer.safetensors";
/// The WeightAverage's state; of a checkpoint with an average.
inline constexpr const char* kAverageName = "average.safetensors";
/// The TrainerState; a checkpoint's alone. A folder that has it can be resumed.
inline constexpr const char* kTrainerName = "trainer.json";

/// Writes a language into a model directory; `stem` is the folder and kSourceName or kTargetName.
/// Throws Error if the file cannot be written.
void save_language(const std::filesystem::path& stem, const data::Language& language);

/// The content of config.json.
Json config_json(const Translator& translator);

}  // namespace weft::models
