#include "models/files/atomic_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "autograd/error.hpp"
#include "models/files/kept_files.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporary = ".weft-";
constexpr std::string_view kOld = ".weft-old";

// The writers that have a temporary folder, each with the next older one.
std::mutex writers_mutex;
DirectoryWriter* newest_writer = nullptr;

// The folder that a path refers to, symbolic links resolved. Its last component need not exist yet.
fs::path resolve(const fs::path& target) {
  return nn::follow_links(target.has_filename() ? target : target.parent_path());  // "run/last/"
}

fs::path parent_of(const fs::path& place) {
  return place.has_parent_path() ? place.parent_path() : fs::path(".");
}

fs::path sibling(const fs::path& place, std::string_view suffix) {
  fs::path result = place;
  result += suffix;
  return result;
}

// Whether weft may have made it: what a link of such a name refers to is not weft's.
bool is_true_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(fs::symlink_status(path, ignored));
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Error messages name the folder that is being published, `place`.
void rename_folder(const fs::path& from, const fs::path& to, const fs::path& place) {
  if (std::rename(from.c_str(), to.c_str()) != 0) {
    fail("{}: cannot rename {} to {}; got: {}", place.string(), from.filename().string(),
         to.filename().string(), system_message(errno));
  }
}

// Exchanges two names atomically. Returns false if the file system cannot, which it may report by
// various errors: EINVAL, ENOSYS, EPERM, ENOTTY ... If something else went wrong, the renames that
// follow will report it.
bool exchange_names([[maybe_unused]] const fs::path& a, [[maybe_unused]] const fs::path& b) {
#ifdef RENAME_EXCHANGE
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
#else
  return false;
#endif
}

// Moves the folder `temporary` to `place`; the folder previously at `place` ends up at `temporary`.
void swap_folders(const fs::path& temporary, const fs::path& place) {
  if (exchange_names(temporary, place)) {
    return;
  }
  const fs::path old = sibling(place, kOld);
  rename_folder(place, old, place);
  try {
    rename_folder(temporary, place, place);
  } catch (const Error&) {
    rename_folder(old, place, place);
    throw;
  }
  try {
    rename_folder(old, temporary, place);
  } catch (const Error&) {
    rename_folder(place, temporary, place);
    rename_folder(old, place, place);
    throw;
  }
}

// Removes a temporary folder unless a living process may have it locked. Returns why the folder is
// still there, if it is.
std::string remove_if_abandoned(const fs::path& folder) {
  if (!is_true_folder(folder)) {
    return "it is no folder";
  }
  try {
    const FolderLock lock(folder, folder.string(), false);
    if (lock.state() != nn::Lock::taken) {
      return "it may be in use by another process";
    }
    const int error = remove_folder(folder);
    return error != 0 ? system_message(error) : "";
  } catch (const Error& error) {  // another process has removed it, or it belongs to somebody else
    std::error_code ignored;
    return fs::exists(folder, ignored) ? error.what() : "";
  }
}

}  // namespace

void remove_abandoned(const fs::path& target) {
  const fs::path place = resolve(target);
  std::error_code ignored;
  const fs::path old = sibling(place, kOld);
  if (is_true_folder(old)) {
    if (fs::exists(place, ignored)) {
      remove_folder(old);
    } else {
      rename_folder(old, place, place);
    }
  }
  const std::string prefix = place.filename().string() + std::string(kTemporary);
  for (const std::string& name : list_folder(parent_of(place))) {
    if (name.starts_with(prefix) && is_number(std::string_view(name).substr(prefix.size()))) {
      remove_if_abandoned(parent_of(place) / name);
    }
  }
}

DirectoryWriter::DirectoryWriter(const fs::path& target)
    : target_(target), place_(resolve(target)) {
  const fs::path name = place_.filename();
  if (name.empty() || name == "." || name == "..") {
    fail("{}: cannot replace this folder; expected the name of a folder", target_.string());
  }
  temporary_ = sibling(place_, fmt::format("{}{}", kTemporary, ::getpid()));
  remove_abandoned(place_);
  std::error_code ignored;
  if (fs::exists(place_, ignored) && !fs::is_directory(place_, ignored)) {
    fail("{}: cannot replace it; got a file; expected a folder", target_.string());
  }
  make_temporary();
}

DirectoryWriter::~DirectoryWriter() {
  {
    const std::lock_guard guard(writers_mutex);
    DirectoryWriter** link = &newest_writer;
    while (*link != this) {
      link = &(*link)->older_;
    }
    *link = older_;
  }
  discard();
}

void discard_unfinished() noexcept {
  if (const std::unique_lock guard(writers_mutex, std::try_to_lock); guard.owns_lock()) {
    for (DirectoryWriter* writer = newest_writer; writer != nullptr; writer = writer->older_) {
      writer->discard();
    }
  }
}

// Another writer may take the folder for an abandoned one before it is locked; then try again.
void DirectoryWriter::make_temporary() {
  do {
    if (::mkdir(temporary_.c_str(), mode_t{0777}) != 0) {
      if (errno != EEXIST) {
        fail("{}: cannot create the folder; got: {}", target_.string(), system_message(errno));
      }
      if (const std::string why = remove_if_abandoned(temporary_); !why.empty()) {
        fail("{}: cannot remove {}, left by another writer; got: {}", target_.string(),
             temporary_.filename().string(), why);
      }
      continue;
    }
    try {
      lock_.emplace(temporary_, target_.string(), true);
    } catch (...) {
      if (::rmdir(temporary_.c_str()) == 0) {
        throw;
      }
    }
  } while (!lock_ || !lock_->is_on(temporary_));
  open_.emplace(temporary_);
  const std::lock_guard guard(writers_mutex);
  older_ = std::exchange(newest_writer, this);
}

void DirectoryWriter::write_file(const std::string& name, std::string_view bytes) {
  write_file(name, [bytes](File& file) { file.write(bytes); });
}

void DirectoryWriter::write_file(const std::string& name, const std::function<void(File&)>& write) {
  File file = File::create(temporary_ / name, this->name(name));
  write(file);
  file.close();
}

void DirectoryWriter::commit() {
  if (!lock_) {
    fail("{}: the folder was committed before", target_.string());
  }
  for (const std::string& name : list_folder(temporary_)) {
    sync(temporary_ / name, this->name(name));
  }
  if (std::error_code ignored; fs::exists(place_, ignored)) {
    keep_other_files(place_, temporary_);
  }
  sync(temporary_, target_.string());
  publish();
  discard();
}

// Afterwards the old folder, if there was one, has the temporary name.
void DirectoryWriter::publish() const {
  std::error_code ignored;
  const bool replaces = fs::exists(place_, ignored);
  replaces ? swap_folders(temporary_, place_) : rename_folder(temporary_, place_, place_);
  try {
    sync(parent_of(place_), parent_of(target_).string());
  } catch (const Error&) {
    replaces ? swap_folders(temporary_, place_) : rename_folder(place_, temporary_, place_);
    throw;
  }
}

// Once the folder is published, the old one has its temporary name.
void DirectoryWriter::discard() noexcept {
  if (lock_) {
    if (open_ && open_->is_open() && lock_->is_on(temporary_)) {
      open_->clear();
    }
    const int error = remove_folder(temporary_);
    open_.reset();
    lock_.reset();
    if (error != 0) {  // perhaps there was no descriptor left; the lock had one
      remove_folder(temporary_);
    }
  }
}

fs::path published_directory(const fs::path& target) {
  std::error_code ignored;
  const fs::path place = resolve(target);
  const fs::path old = sibling(place, kOld);
  return !fs::exists(place, ignored) && is_true_folder(old) ? old : target;
}

}  // namespace weft::models
