#pragma once

#include <cstdint>
#include <filesystem>

#include "models/files/json.hpp"

namespace weft::models {

/// The files of a model directory that carry a version of their format, in the field "format". What
/// each version was, and how the next one is made of it, stands in formats.cpp.
enum class VersionedFile {
  config,   ///< config.json: model, tokenizer, flags
  trainer,  ///< trainer.json: where a training stands
};

/// The version that this program writes: the one of a file that `read_current` returns.
std::int64_t current_format(VersionedFile file);

/// Reads a JSON object of any version up to the current one, and makes it one of the current
/// version. Throws Error naming file and field if it is no object, its version cannot be read, or
/// it is of a version that only a newer program knows.
Json read_current(const std::filesystem::path& path, VersionedFile file);

}  // namespace weft::models
