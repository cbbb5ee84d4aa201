#include "models/files/folder_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "autograd/error.hpp"
#include "models/files/file.hpp"

namespace weft::models {
namespace {

int open_folder(const std::filesystem::path& folder, const std::string& name) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    fail("{}: cannot open the folder; got: {}", name, system_message(errno));
  }
  return descriptor;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder, const std::string& name, bool wait)
    : descriptor_(open_folder(folder, name)), state_(nn::lock(descriptor_, wait)) {}

FolderLock::~FolderLock() { ::close(descriptor_); }

bool FolderLock::is_on(const std::filesystem::path& path) const {
  return nn::is_open_on(descriptor_, path);
}

}  // namespace weft::models
