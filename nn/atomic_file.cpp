#include "nn/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <random>
#include <string_view>
#include <system_error>

#include "autograd/error.hpp"
#include "nn/file_lock.hpp"

namespace weft::nn {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = ".weft-";
constexpr std::size_t kDigits = 16;
constexpr mode_t kNewMode = 0666;  // minus umask
constexpr mode_t kPermissions = 0777;

[[noreturn]] void fail_writing(const std::string& name) {
  fail("{}: cannot write the file; got: {}", name, system_message(errno));
}

fs::path folder_of(const fs::path& place) {
  return place.has_parent_path() ? place.parent_path() : fs::path(".");
}

/// Throws Error if what exists at the path must not be replaced by a file.
void check_replaceable(const fs::path& place, const struct stat& there, const std::string& name) {
  if (!S_ISREG(there.st_mode)) {
    fail("{}: cannot write the file; got {}; expected a regular file or none", name,
         S_ISDIR(there.st_mode) ? "a folder" : "a device or pipe");
  }
  if (::access(place.c_str(), W_OK) != 0) {
    fail_writing(name);
  }
}

/// A unique name in the same folder.
fs::path temporary_name(const fs::path& place) {
  std::random_device random;
  return place.parent_path() / fmt::format("{}{:08x}{:08x}", kPrefix, random(), random());
}

bool is_temporary_name(std::string_view name) {
  constexpr std::string_view kHexadecimal = "0123456789abcdef";
  return name.size() == kPrefix.size() + kDigits && name.starts_with(kPrefix) &&
         name.find_first_not_of(kHexadecimal, kPrefix.size()) == std::string_view::npos;
}

/// Removes a temporary file unless a living process may have it locked.
void remove_if_abandoned(const fs::path& temporary) {
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor >= 0) {
    if (lock(descriptor, false) == Lock::taken) {
      ::unlink(temporary.c_str());
    }
    ::close(descriptor);
  }
}

/// Files that cannot be listed or removed are left alone.
void remove_abandoned(const fs::path& folder) {
  std::error_code problem;
  fs::directory_iterator entry(folder, problem);
  while (!problem && entry != fs::directory_iterator()) {
    if (is_temporary_name(entry->path().filename().string())) {
      remove_if_abandoned(entry->path());
    }
    entry.increment(problem);
  }
}

/// Gives a new file the owner, group and mode of the existing one, where the system permits it.
void take_over(int descriptor, const struct stat& there) {
  [[maybe_unused]] const bool ignored =
      ::fchown(descriptor, there.st_uid, there.st_gid) == 0 ||
      ::fchown(descriptor, static_cast<uid_t>(-1), there.st_gid) == 0;
  [[maybe_unused]] const int ignored_too = ::fchmod(descriptor, there.st_mode & kPermissions);
}

/// Creates and locks the file that will be renamed to `place`, and sets its temporary name. Another
/// process may remove it as abandoned before it is locked; then this tries again.
File make_temporary(const fs::path& place, const std::string& name, fs::path& temporary) {
  struct stat there {};
  const bool replaces = ::stat(place.c_str(), &there) == 0;
  if (replaces) {
    check_replaceable(place, there, name);
  }
  remove_abandoned(folder_of(place));
  while (true) {
    temporary = temporary_name(place);
    File file = File::create(temporary, name, replaces ? there.st_mode & kPermissions : kNewMode);
    lock(file.descriptor(), true);
    if (is_open_on(file.descriptor(), temporary)) {
      if (replaces) {
        take_over(file.descriptor(), there);
      }
      return file;
    }
  }
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& path)
    : name_(path.string()),
      place_(follow_links(path)),
      file_(make_temporary(place_, name_, temporary_)),
      lock_(::fcntl(file_.descriptor(), F_DUPFD_CLOEXEC, 0)) {}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
  }
  if (lock_ >= 0) {
    ::close(lock_);
  }
}

void AtomicFile::commit() {
  if (::fsync(file_.descriptor()) != 0) {
    fail_writing(name_);
  }
  file_.close();
  if (std::rename(temporary_.c_str(), place_.c_str()) != 0) {
    fail_writing(name_);
  }
  temporary_.clear();
  if (const fs::path folder = folder_of(place_); ::access(folder.c_str(), R_OK) == 0) {
    sync(folder, name_);
  }
}

}  // namespace weft::nn
