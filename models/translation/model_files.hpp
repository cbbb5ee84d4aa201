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

/// The source language's file, with one of the suffixes below. Every model directory has one for
/// each language.
inline constexpr const char* kSourceName = "source";
/// The target language's file; written even if both languages are equal.
inline constexpr const char* kTargetName = "target";
/// A vocabulary: one token per line in order of ids, as read by Vocabulary::load.
inline constexpr const char* kVocabSuffix = ".vocab";
/// A subword model, which includes the vocabulary, as read by Subwords::load.
inline constexpr const char* kSubwordsSuffix = ".spm";

/// The content of config.json.
struct SavedConfig {
  std::unique_ptr<ModelConfig> model;  ///< of any model family
  data::TokenizerConfig tokenizer;     ///< of both languages
  Json training;                       ///< the training flags
};

/// Reads a config.json of any version. Throws Error naming file and field.
SavedConfig read_config(const std::filesystem::path& path);

/// Reads a language (kSourceName or kTargetName) of a model directory. Throws Error naming the
/// file.
data::Language load_language(const Manifest& directory, const std::string& name,
                             const data::TokenizerConfig& config);

/// Returns the content of config.json.
Json config_json(const Translator& translator);

/// Writes a translator's files in a model directory, except the parameters: config.json and the
/// languages. Throws Error naming the file.
void write_translator(DirectoryWriter& writer, const Translator& translator);

/// Atomically replaces `directory` by a whole model directory, like the other `save_model`.
void save_model(const std::filesystem::path& directory, const Translator& translator);

}  // namespace weft::models
