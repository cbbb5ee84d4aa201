#pragma once

#include <cstdint>
#include <filesystem>

#include "models/files/json.hpp"

namespace weft::models {

/// Model, tokenizer and training flags. A folder with this file is a model directory.
inline constexpr const char* kConfigName = "config.json";

/// The files of a model directory that store the version of their format in the field "format".
/// formats.cpp describes every version and how it is converted to the next one.
enum class VersionedFile {
  config,   ///< config.json: model, tokenizer, flags
  trainer,  ///< trainer.json: the state of a training
};

/// The version that this program writes and `read_current` returns.
std::int64_t current_format(VersionedFile file);

/// Reads a JSON object of any version up to the current one and converts it to the current version.
/// Throws Error naming file and field if it is not an object, if its version cannot be read, or if
/// only a newer program knows its version.
Json read_current(const std::filesystem::path& path, VersionedFile file);

}  // namespace weft::models
