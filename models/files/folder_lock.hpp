#pragma once

#include <filesystem>

namespace weft::models {

/// Keeps other processes from working in a folder for as long as it lives, or until its process
/// dies in whatever way.
class FolderLock {
 public:
  /// Throws Error if another process holds the folder, or if it cannot be opened.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  FolderLock(FolderLock&&) = delete;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  int descriptor_;
};

}  // namespace weft::models
