#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "data/language.hpp"
#include "models/config.hpp"
#include "models/files/atomic_directory.hpp"
#include "models/files/json.hpp"
#include "models/files/manifest.hpp"

namespace weft::models {

struct Translator;

/// Model, tokenizer and training flags; every model directory has it, the next one, and a file for
/// each language.
inline constexpr const char* kConfigName = "config.json";
/// The file of the source language, with one of the suffixes below.
inline constexpr const char* kSourceName = "source";
/// The same; a file of its own even if both languages are equal.
inline constexpr const char* kTargetName = "target";
/// A vocabulary: one token a line in the order of ids, as Vocabulary::load reads it.
inline constexpr const char* kVocabSuffix = ".vocab";
/// A model of subwords, as Subwords::load reads it; it holds the vocabulary.
inline constexpr const char* kSubwordsSuffix = ".spm";

/// The content of config.json.
struct SavedConfig {
  std::unique_ptr<ModelConfig> model;  ///< of whatever family
  data::TokenizerConfig tokenizer;     ///< of both languages
  Json training;                       ///< the flags that it was trained with
};

/// Reads a config.json of any version. Throws Error naming file and field.
SavedConfig read_config(const std::filesystem::path& path);

/// Reads a language of a model directory, kSourceName or kTargetName. Throws Error naming the file.
data::Language load_language(const Manifest& directory, const std::string& name,
                             const data::TokenizerConfig& config);

/// The content of config.json.
Json config_json(const Translator& translator);

/// Writes what a model directory has of a translator beside the parameters: config.json and the
/// languages. Throws Error naming the file.
void write_translator(DirectoryWriter& writer, const Translator& translator);

/// Writes a whole model directory in the place of `directory`, as the other `save_model` does.
void save_model(const std::filesystem::path& directory, const Translator& translator);

}  // namespace weft::models
