#include "models/training/run_directory.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <vector>

#include "autograd/error.hpp"
#include "models/files/atomic_directory.hpp"
#include "models/files/file.hpp"
#include "models/files/formats.hpp"
#include "models/training/checkpoint.hpp"

namespace weft::models {
namespace {

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// Throws Error if this exists but is no folder, or not writable: a training would find out when it
/// saves.
void check_writable(const std::filesystem::path& folder) {
  if (!is_there(folder)) {
    return;
  }
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    fail("{}: cannot replace it; got a file; expected a folder", folder.string());
  }
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    fail("{}: cannot write into the folder; got: {}", folder.string(), system_message(errno));
  }
}

/// Throws Error if the directory holds a model, which a run in it would hide.
void check_no_model(const std::filesystem::path& directory) {
  for (const char* name : {kConfigName, kModelName}) {
    if (is_there(directory / name)) {
      fail("{}: holds a model; got {}; expected a run directory, or a new or an empty one",
           directory.string(), name);
    }
  }
}

/// Throws Error if there is something else than a file where the log belongs: opening a pipe would
/// wait for its other end.
void check_log(const std::filesystem::path& log) {
  std::error_code ignored;
  if (is_there(log) && !std::filesystem::is_regular_file(log, ignored)) {
    fail("{}: cannot write the log; got {}; expected a regular file", log.string(),
         std::filesystem::is_directory(log, ignored) ? "a folder" : "a device or pipe");
  }
}

/// Whether an epoch has been logged.
bool has_line(const std::filesystem::path& log) {
  std::ifstream stream(log);
  return std::find(std::istreambuf_iterator<char>(stream), {}, '\n') !=
         std::istreambuf_iterator<char>();
}

constexpr const char* kLast = "last/";

/// Whether there is something that a training would replace.
bool holds_anything(const std::filesystem::path& folder) {
  std::error_code ignored;
  return is_there(folder) && !(std::filesystem::is_directory(folder, ignored) &&
                               std::filesystem::is_empty(folder, ignored));
}

/// What a directory has of a run.
std::vector<std::string> parts_of_run(const std::filesystem::path& directory) {
  std::vector<std::string> found;
  for (const char* name : {kLast, "best/"}) {
    if (holds_anything(published_directory(directory / name))) {
      found.emplace_back(name);
    }
  }
  if (has_line(directory / kLogName)) {
    found.emplace_back(kLogName);
  }
  return found;
}

/// Whether a line of the log ends after this many bytes, or none has begun.
bool ends_line(const std::filesystem::path& log, std::uint64_t bytes) {
  if (bytes == 0) {
    return true;
  }
  std::ifstream stream(log, std::ios::binary);
  if (!stream) {
    fail("{}: cannot read the file; got: {}", log.string(), system_message(errno));
  }
  return stream.seekg(static_cast<std::streamoff>(bytes - 1)).get() == '\n';
}

/// Whether what stands behind these bytes can be what a killed run logged: whole lines, and perhaps
/// the beginning of one.
bool is_log(const std::filesystem::path& log, std::uint64_t bytes) {
  constexpr std::string_view kStart = "{\"best\":";  // the first of a line's fields
  std::ifstream stream(log, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(bytes));
  std::string line;
  while (std::getline(stream, line)) {
    if (!line.starts_with(kStart) && !(stream.eof() && kStart.starts_with(line))) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::unique_ptr<FolderLock> lock_run_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    fail("{}: cannot make the run directory; got: {}", directory.string(), error.message());
  }
  auto lock = std::make_unique<FolderLock>(directory, directory.string(), false);
  if (lock->state() == nn::Lock::busy) {
    fail("{}: in use by another training", directory.string());
  }
  return lock;
}

bool has_checkpoint(const std::filesystem::path& directory) {
  return is_there(published_directory(directory / "last") / kTrainerName);
}

bool has_best(const std::filesystem::path& directory) {
  return is_there(published_directory(directory / "best"));
}

LogState cut_log(const std::filesystem::path& log, std::uint64_t bytes) {
  File file = File::append(log);
  const std::uint64_t size = file.size();
  if (size >= bytes && ends_line(log, bytes) && is_log(log, bytes)) {
    std::error_code error;
    std::filesystem::resize_file(log, bytes, error);
    if (error) {
      fail("{}: cannot write the file; got: {}", log.string(), error.message());
    }
    return {bytes, ""};
  }
  const std::string_view end = ends_line(log, size) ? "" : "\n";
  file.write(end);
  return {size + end.size(),
          fmt::format("{}: somebody has changed the log; got {} bytes; expected a log whose line "
                      "ends at byte {}; what is there is kept, and the run goes on logging below",
                      log.string(), size, bytes)};
}

std::uint64_t append_log(const std::filesystem::path& log, const Json& line) {
  const std::string text = line.dump() + '\n';
  File file = File::append(log);
  file.write(text);
  file.close();
  sync(log, log.string());
  return text.size();
}

void check_run_directory(const std::filesystem::path& directory, bool resume) {
  for (const std::filesystem::path& folder : {directory, directory / "last", directory / "best"}) {
    check_writable(folder);
  }
  check_log(directory / kLogName);
  check_no_model(directory);
  if (has_checkpoint(directory)) {
    if (!resume) {
      fail("{}: already contains a run; hint: --resume continues it", directory.string());
    }
    return;
  }
  // A run that was killed before it saved anything starts over; any other would lose what it has.
  const std::vector<std::string> found = parts_of_run(directory);
  if (found.empty()) {
    return;
  }
  if (!resume) {
    fail("{}: already contains {}; expected a new or an empty directory", directory.string(),
         fmt::join(found, " and "));
  }
  if (found.front() == kLast) {
    fail("{}: the file is missing; hint: without it the run cannot be resumed",
         (directory / kLast / kTrainerName).string());
  }
  fail("{}: cannot resume without last/; got only {}; expected last/ or a new run directory",
       directory.string(), fmt::join(found, " and "));
}

}  // namespace weft::models
