#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "models/files/atomic_directory.hpp"
#include "models/files/manifest.hpp"
#include "models/training/trainer.hpp"
#include "models/translation/model_files.hpp"
#include "models/translation/translation_task.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/tiny.hpp"

// A toy language, and what is trained on it.
namespace weft::models {

/// The special tokens and w0 .. w11.
inline data::Language twelve_words() {
  data::TokenCounts counts;
  for (int i = 0; i < 12; ++i) {
    counts["w" + std::to_string(i)] = 100 - i;
  }
  return {data::Tokenizer(), data::Vocabulary::build(counts, 1)};
}

/// A tiny translator for those words, its parameters random from `seed`.
inline Translator tiny_translator(const std::string& preset_name = "bahdanau2015",
                                  double dropout = 0, std::uint64_t seed = 1) {
  manual_seed(seed);
  RnnConfig config = tiny_config(preset_name);
  config.dropout = dropout;
  return Translator::make(config, twelve_words(), twelve_words(), {{"seed", seed}});
}

/// `count` different sentences of one to three words, each its own translation.
inline std::vector<data::SentencePair> copy_task(std::int64_t count, std::int64_t first = 0) {
  std::vector<data::SentencePair> pairs;
  for (std::int64_t i = first; i < first + count; ++i) {
    std::vector<std::int64_t> ids = {4 + i % 12, 4 + i / 12 % 12, 4 + (i + i / 12) % 12};
    ids.resize(static_cast<std::size_t>(1 + i % 3));
    pairs.push_back({ids, ids});
  }
  return pairs;
}

/// The pairs of `copy_task`: `train` of them for training, and the next `valid` for validation.
inline TranslationData copy_data(const Translator& translator, std::int64_t train,
                                 std::int64_t valid) {
  TranslationData data{copy_task(train), copy_task(valid, train), {}};
  for (const data::SentencePair& pair : data.valid) {
    data.valid_text.push_back(
        {translator.source.decode(pair.source), translator.target.decode(pair.target)});
  }
  return data;
}

/// How a training makes its batches.
inline TranslationBatches batches_of(const TrainingConfig& config) {
  return {config.batch, config.seed, config.augment};
}

/// A translator as a checkpoint stores it; it must outlive the result.
inline SavedModel saved(const Translator& translator) {
  return {*translator.model,
          [&translator](DirectoryWriter& writer) { write_translator(writer, translator); }};
}

/// The bytes of a file.
inline std::string bytes_of(const std::filesystem::path& path) { return read_file(path, 1 << 24); }

/// The bytes of every file of a folder, by name.
inline std::vector<std::pair<std::string, std::string>> folder_bytes(
    const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const std::string& name : list_folder(folder)) {
    all.emplace_back(name, bytes_of(folder / name));
  }
  return all;
}

/// Replaces a file of a model directory by `bytes` and rewrites the manifest.
inline void forge(const std::filesystem::path& directory, const std::string& name,
                  const std::string& bytes) {
  DirectoryWriter writer(directory);
  for (const auto& [own, content] : folder_bytes(directory)) {
    if (own != kManifestName) {
      writer.write_file(own, own == name ? bytes : content);
    }
  }
  write_manifest(writer);
  writer.commit();
}

/// Changes a JSON file of a model directory and rewrites the manifest.
template <class F>
void forge_json(const std::filesystem::path& directory, const std::string& name, F&& change) {
  Json json = read_json_strict(directory / name);
  change(json);
  forge(directory, name, to_text(json, name));
}

}  // namespace weft::models
