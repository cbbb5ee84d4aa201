#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "models/files/folder_lock.hpp"
#include "models/files/json.hpp"

namespace weft::models {

/// The log of a run directory: one line of JSON per epoch.
inline constexpr const char* kLogName = "log.jsonl";

/// Throws Error if a training must not start in the directory. If it exists, it must be writable
/// and not be a model directory, which the run would hide; without `resume`, it must not contain a
/// run, nor anything in `best/` or `last/`; with `resume`, the run must have a `last/` to continue
/// from if it has anything.
void check_run_directory(const std::filesystem::path& directory, bool resume);

/// Creates the run directory if necessary, and locks it if the file system supports locks. Throws
/// Error if another process has locked it.
std::unique_ptr<FolderLock> lock_run_directory(const std::filesystem::path& directory);

/// Whether there is a `last/` to resume from.
bool has_checkpoint(const std::filesystem::path& directory);

/// Whether there is a `best/`, damaged or not.
bool has_best(const std::filesystem::path& directory);

/// The log as a run finds it.
struct LogState {
  std::uint64_t bytes;  ///< its length
  std::string trouble;  ///< what is wrong with it, if anything
};

/// Truncates the log to `bytes`, removing what a killed run logged after its last save; it will be
/// logged again. If somebody else has changed the log, so that it is shorter, has no line end there
/// or goes on with something else, all of it is kept and only its last line ended. Throws Error if
/// writing fails.
LogState cut_log(const std::filesystem::path& log, std::uint64_t bytes);

/// Appends a line to the log and syncs it to disk. Returns the line's length.
std::uint64_t append_log(const std::filesystem::path& log, const Json& line);

}  // namespace weft::models
