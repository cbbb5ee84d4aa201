#include "nn/file_lock.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

namespace weft::nn {

Lock lock(int descriptor, bool wait) {
  const int operation = wait ? LOCK_EX : LOCK_EX | LOCK_NB;
  int result = ::flock(descriptor, operation);
  while (result != 0 && errno == EINTR) {
    result = ::flock(descriptor, operation);
  }
  if (result == 0) {
    return Lock::taken;
  }
  // Any other error means no locks; which one depends on the file system: ENOLCK, ENOSYS,
  // EOPNOTSUPP, EBADF ... So does EWOULDBLOCK where the lock should have been waited for.
  return errno == EWOULDBLOCK && !wait ? Lock::busy : Lock::unsupported;
}

bool is_open_on(int descriptor, const std::filesystem::path& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

}  // namespace weft::nn
