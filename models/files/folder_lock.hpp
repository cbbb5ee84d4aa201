#pragma once

#include <filesystem>

namespace weft::models {

/// Keeps other processes from working in a folder for as long as it lives, or until its process
/// dies in whatever way. Where the file system has no locks it keeps nobody.
class FolderLock {
 public:
  /// Throws Error if another process holds the folder, or if it cannot be opened.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  FolderLock(FolderLock&&) = delete;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

  /// Whether there is a lock: false where the file system has none.
  bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

}  // namespace weft::models
