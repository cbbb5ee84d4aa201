#pragma once

#include <filesystem>

namespace weft::nn {

/// The result of trying to lock a file or a folder.
enum class Lock {
  taken,        ///< this process holds the lock
  busy,         ///< another process holds it
  unsupported,  ///< the file system has no locks
};

/// Locks the file or folder that `descriptor` refers to. With `wait`, blocks while another process
/// holds the lock, and never returns `busy`. The system releases the lock when the descriptor and
/// all its duplicates are closed, hence also when the process ends, for whatever reason. Network
/// file systems may require a descriptor opened for writing.
Lock lock(int descriptor, bool wait);

/// Whether `path` still refers to the file that `descriptor` has open: another process may have
/// removed or replaced it before it was locked.
bool is_open_on(int descriptor, const std::filesystem::path& path);

}  // namespace weft::nn
