#include "models/files/open_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace weft::models {

OpenFolder::OpenFolder(int parent, const char* name) noexcept : folder_(nullptr) {
  const int descriptor = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor >= 0) {
    folder_ = ::fdopendir(descriptor);
    if (folder_ == nullptr) {
      ::close(descriptor);
    }
  }
}

OpenFolder::~OpenFolder() {
  if (folder_ != nullptr) {
    ::closedir(folder_);
  }
}

const char* OpenFolder::next() noexcept {
  errno = 0;
  while (const dirent* const entry = ::readdir(folder_)) {
    if (const std::string_view name = entry->d_name; name != "." && name != "..") {
      return entry->d_name;
    }
  }
  return nullptr;
}

int OpenFolder::remove(const char* name) noexcept {
  const int parent = ::dirfd(folder_);
  if (::unlinkat(parent, name, 0) == 0) {
    return 0;
  }
  int error = errno;
  if (OpenFolder folder(parent, name); folder.is_open()) {
    error = folder.clear();
  }
  if (::unlinkat(parent, name, AT_REMOVEDIR) == 0) {
    return 0;
  }
  return error != 0 ? error : errno;
}

int OpenFolder::clear() noexcept {
  int error = 0;
  // Some file systems skip entries when others are removed.
  for (bool removed = true; removed;) {
    removed = false;
    error = 0;
    ::rewinddir(folder_);
    while (const char* const name = next()) {
      const int failure = remove(name);
      removed = removed || failure == 0;
      error = failure != 0 ? failure : error;
    }
  }
  return error;
}

int remove_folder(const std::filesystem::path& folder) noexcept {
  int error = 0;
  if (OpenFolder open(AT_FDCWD, folder.c_str()); open.is_open()) {
    error = open.clear();
  }
  if (::rmdir(folder.c_str()) == 0) {
    return 0;
  }
  return error != 0 ? error : errno;
}

}  // namespace weft::models
