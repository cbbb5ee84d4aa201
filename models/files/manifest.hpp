#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/files/atomic_directory.hpp"

namespace weft::models {

/// The file that holds the size and the XXH3-128 checksum of every other file in a folder.
inline constexpr const char* kManifestName = "manifest.json";

/// Writes the manifest of the files written so far: the last file before `commit`.
void write_manifest(DirectoryWriter& writer);

/// Checks every file that the folder's manifest lists, by size and checksum; other files in the
/// folder are nobody's concern. Throws Error naming the file that is missing, cut off or damaged,
/// be it the manifest itself, and if the manifest does not list all of `required`.
void verify_manifest(const std::filesystem::path& folder,
                     const std::vector<std::string>& required = {});

}  // namespace weft::models
