#pragma once

#include <filesystem>
#include <string>

#include "nn/file.hpp"

namespace weft::nn {

/// Writes a file atomically: under another name in the same folder, renamed once it is complete.
///
///     AtomicFile output("model.safetensors");
///     output.file().write(text);
///     output.commit();
///
/// Whoever opens the path sees the old file or the new one, always complete; after an error, the
/// old one remains. Symbolic links are followed. The mode of an existing file is kept, and so are
/// its owner and group where the system permits it. Files left in the folder by killed processes
/// are removed by the next AtomicFile there, unless the file system has no locks to recognize them
/// by.
class AtomicFile {
 public:
  /// Creates the temporary file. Throws Error if that fails, or if the path is a folder or a
  /// device. Error messages call the file `path`.
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  AtomicFile(AtomicFile&&) = delete;
  AtomicFile& operator=(AtomicFile&&) = delete;
  /// Removes the temporary file unless it was committed.
  ~AtomicFile();

  /// The file to write to.
  File& file() { return file_; }
  /// The temporary path, used until `commit`.
  const std::filesystem::path& temporary() const { return temporary_; }

  /// Syncs the file to disk and renames it. May be called once.
  void commit();

 private:
  std::string name_;                 ///< the file's name in error messages
  std::filesystem::path place_;      ///< the target path, symbolic links resolved
  std::filesystem::path temporary_;  ///< in the same folder; empty after `commit`
  File file_;
  int lock_;  ///< duplicate of the file's descriptor; holds the lock until the file is renamed
};

}  // namespace weft::nn
