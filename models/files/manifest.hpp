#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "models/files/atomic_directory.hpp"

namespace weft::models {

/// The file that lists the size and the XXH3-128 checksum of every other file in a folder.
inline constexpr const char* kManifestName = "manifest.json";

/// Writes the manifest of the files written so far. Must be the last file before `commit`.
void write_manifest(DirectoryWriter& writer);

/// A file's entry in the manifest.
struct FileContent {
  std::uint64_t size;    ///< in bytes
  std::string checksum;  ///< XXH3-128, 32 hexadecimal digits
};

/// The manifest of a folder, through which its files are read. Files that it does not list are
/// ignored.
class Manifest {
 public:
  /// Reads the manifest of a folder. Throws Error naming it if it is missing or damaged.
  explicit Manifest(std::filesystem::path folder);

  /// The folder.
  const std::filesystem::path& folder() const { return folder_; }
  /// Whether it lists a file of this name.
  bool lists(const std::string& name) const { return files_.contains(name); }
  /// Returns the path of a file after checking that its size and checksum match. Throws Error
  /// naming the file if it is missing, truncated, damaged or not listed.
  std::filesystem::path file(const std::string& name) const;

 private:
  std::filesystem::path folder_;
  std::map<std::string, FileContent> files_;
};

}  // namespace weft::models
