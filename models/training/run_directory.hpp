#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "models/files/folder_lock.hpp"
#include "models/files/json.hpp"

namespace weft::models {

/// The log of a run directory: a line of JSON an epoch.
inline constexpr const char* kLogName = "log.jsonl";

/// Throws Error if a training must not begin in the directory: if it is there it must be writable,
/// without `resume` it must hold no run, with it the run must have a `last/` to go on from, if it
/// has ended more than one epoch.
void check_run_directory(const std::filesystem::path& directory, bool resume);

/// Makes the run directory, if need be, and takes it. Throws Error if another process has it.
std::unique_ptr<FolderLock> lock_folder(const std::filesystem::path& directory);

/// Whether `last/` can be gone on from.
bool has_checkpoint(const std::filesystem::path& directory);

/// Cuts off what a killed run logged after its last save, which will be logged again. Returns the
/// length of the log: less than `bytes` if somebody shortened it. Throws Error if that fails.
std::uint64_t cut_log(const std::filesystem::path& log, std::uint64_t bytes);

/// Appends a line to the log, on the disk when it returns. Returns the line's length.
std::uint64_t append_log(const std::filesystem::path& log, const Json& line);

}  // namespace weft::models
