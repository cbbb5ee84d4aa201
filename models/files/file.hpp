#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "nn/file.hpp"

namespace weft::models {

using nn::File;
using nn::sync;
using nn::system_message;

/// Returns the content of a file. Throws Error if it is larger than `max_bytes`.
std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Returns the names of the entries of a folder, sorted.
std::vector<std::string> list_folder(const std::filesystem::path& folder);

}  // namespace weft::models
