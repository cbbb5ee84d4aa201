#pragma once

#include <filesystem>
#include <string>

#include "nn/file_lock.hpp"

namespace weft::models {

/// Locks a folder against other processes for the lifetime of the object, or until the process
/// dies, for whatever reason.
class FolderLock {
 public:
  /// Opens the folder and tries to lock it. With `wait`, blocks while another process holds the
  /// lock. Throws Error if the folder cannot be opened. Error messages call it `name`.
  FolderLock(const std::filesystem::path& folder, const std::string& name, bool wait);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  FolderLock(FolderLock&&) = delete;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

  /// Whether the lock is held, by this object or by another process.
  nn::Lock state() const { return state_; }
  /// Whether `path` still refers to the folder: another process may have removed it before it was
  /// locked.
  bool is_on(const std::filesystem::path& path) const;

 private:
  int descriptor_;
  nn::Lock state_;
};

}  // namespace weft::models
