#pragma once

#include <filesystem>
#include <string>

#include "nn/file.hpp"

namespace weft::nn {

/// A file that takes its name when it is whole: it is written under another name in the same
/// folder.
///
///     AtomicFile output("model.safetensors");
///     output.file().write(text);
///     output.commit();
///
/// Whoever opens the path finds the old file or the new one, whole; an error leaves the old one. A
/// link is followed. The mode of a file that is there is kept, and its owner and group as far as
/// the system lets us. What killed processes left in the folder is removed by the next AtomicFile
/// there, unless the file system has no locks by which to know it.
class AtomicFile {
 public:
  /// Begins the file. Throws Error if none can be made there, or a folder or a device is in its
  /// place; errors call it `path`.
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  AtomicFile(AtomicFile&&) = delete;
  AtomicFile& operator=(AtomicFile&&) = delete;
  /// Removes what was written unless it was committed.
  ~AtomicFile();

  /// What is written.
  File& file() { return file_; }
  /// Where it stands until `commit`.
  const std::filesystem::path& temporary() const { return temporary_; }

  /// Syncs the file to the disk and gives it its name. Once only.
  void commit();

 private:
  std::string name_;                 ///< as errors call the file
  std::filesystem::path place_;      ///< of the file, links followed
  std::filesystem::path temporary_;  ///< beside it; empty once it is committed
  File file_;
  int lock_;  ///< a duplicate of the file's descriptor: locked until the file has its name
};

}  // namespace weft::nn
