#include "models/files/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "autograd/error.hpp"
#include "models/files/file.hpp"

namespace weft::models {

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) {
    fail("{}: cannot open the folder; got: {}", folder.string(), system_message(errno));
  }
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    close(descriptor_);
    if (reason == EWOULDBLOCK) {
      fail("{}: in use; another training is writing there", folder.string());
    }
    fail("{}: cannot lock the folder; got: {}", folder.string(), system_message(reason));
  }
}

FolderLock::~FolderLock() { close(descriptor_); }

}  // namespace weft::models
