#pragma once

#include <filesystem>

namespace weft::models {

/// Locks a folder against other processes for the lifetime of the object, or until the process
/// dies, for whatever reason. Has no effect if the file system does not support locks.
class FolderLock {
 public:
  /// Throws Error if another process holds the lock, or if the folder cannot be opened.
  explicit FolderLock(const std::filesystem::path& folder);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  FolderLock(FolderLock&&) = delete;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

  /// Whether the lock is held; false if the file system does not support locks.
  bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

}  // namespace weft::models
