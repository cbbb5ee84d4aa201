#include "models/files/folder_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "autograd/error.hpp"
#include "models/files/file.hpp"
#include "nn/file_lock.hpp"

namespace weft::models {

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) {
    fail("{}: cannot open the folder; got: {}", folder.string(), system_message(errno));
  }
  const nn::Lock lock = nn::lock(descriptor_, false);
  if (lock == nn::Lock::busy) {
    close(descriptor_);
    fail("{}: in use by another training", folder.string());
  }
  held_ = lock == nn::Lock::taken;
}

FolderLock::~FolderLock() { close(descriptor_); }

}  // namespace weft::models
