#pragma once

#include <filesystem>

namespace weft::nn {

/// What came of trying to lock a file or a folder.
enum class Lock {
  taken,        ///< it is ours
  busy,         ///< somebody else has it
  unsupported,  ///< the file system has no locks
};

/// Locks the file or folder that `descriptor` is open on; with `wait` it waits while somebody else
/// has it. The system drops the lock when the descriptor, and every duplicate of it, is closed:
/// when the process ends, however it ends. Network file systems may want a descriptor for writing.
Lock lock(int descriptor, bool wait);

/// Whether `path` names what `descriptor` is open on: until a file was locked, somebody else may
/// have removed or replaced it.
bool is_open_on(int descriptor, const std::filesystem::path& path);

}  // namespace weft::nn
