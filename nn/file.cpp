#include "nn/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "autograd/error.hpp"

namespace weft::nn {
namespace {

// Linux transfers at most 2 GiB per call; macOS rejects more.
constexpr std::size_t kMaxTransfer = std::size_t{1} << 30;

// Repeats a system call while signals interrupt it.
template <class F>
auto retry(F&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

[[noreturn]] void fail_with_errno(const std::string& name, const char* what) {
  fail("{}: {}; got: {}", name, what, system_message(errno));
}

}  // namespace

std::string system_message(int error_number) {
  return std::generic_category().message(error_number);
}

File File::open(const std::filesystem::path& path) {
  // O_NONBLOCK: otherwise opening a pipe without a writer would block.
  const int descriptor =
      retry([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });
  if (descriptor < 0) {
    fail_with_errno(path.string(), "cannot open the file");
  }
  File file(descriptor, path.string());
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) {
    fail_with_errno(file.name_, "cannot read the file");
  }
  if (!S_ISREG(status.st_mode)) {
    fail("{}: cannot read the file; got {}; expected a regular file", file.name_,
         S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe");
  }
  return file;
}

File File::create(const std::filesystem::path& path, std::string name, mode_t mode) {
  if (name.empty()) {
    name = path.string();
  }
  const int descriptor =
      retry([&] { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode); });
  if (descriptor < 0) {
    fail_with_errno(name, "cannot create the file");
  }
  return {descriptor, std::move(name)};
}

File File::append(const std::filesystem::path& path) {
  const int descriptor = retry([&] {
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode_t{0666});
  });
  if (descriptor < 0) {
    fail_with_errno(path.string(), "cannot write the file");
  }
  return {descriptor, path.string()};
}

File File::standard_output() {
  const int descriptor = retry([] { return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0); });
  if (descriptor < 0) {
    fail_with_errno("<stdout>", "cannot write the file");
  }
  return {descriptor, "<stdout>"};
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), name_(std::move(other.name_)) {}

File::~File() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

std::uint64_t File::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) {
    fail_with_errno(name_, "cannot read the file");
  }
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t File::read_some(std::span<std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = retry([&] {
      return ::read(descriptor_, bytes.data() + done, std::min(bytes.size() - done, kMaxTransfer));
    });
    if (count < 0) {
      fail_with_errno(name_, "cannot read the file");
    }
    if (count == 0) {
      break;
    }
    done += static_cast<std::size_t>(count);
  }
  return done;
}

void File::read(std::span<std::byte> bytes) {
  if (const std::size_t missing = bytes.size() - read_some(bytes); missing > 0) {
    fail("{}: the file ends too early; expected {} more bytes", name_, missing);
  }
}

void File::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = retry(
        [&] { return ::write(descriptor_, bytes.data(), std::min(bytes.size(), kMaxTransfer)); });
    if (count < 0) {
      fail_with_errno(name_, "cannot write the file");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void File::write(std::string_view text) { write(std::as_bytes(std::span(text))); }

void File::close() {
  // Not repeated after EINTR: the descriptor is already closed then.
  if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) {
    fail_with_errno(name_, "cannot write the file");
  }
}

std::filesystem::path follow_links(const std::filesystem::path& path) {
  constexpr int kMaxLinks = 40;  // Linux's limit
  std::filesystem::path place = path;
  std::error_code ignored;
  for (int links = 0; std::filesystem::is_symlink(place, ignored); ++links) {
    if (links == kMaxLinks) {
      fail("{}: cannot follow the symbolic link; got: {}", path.string(), system_message(ELOOP));
    }
    std::error_code error;
    place = place.parent_path() / std::filesystem::read_symlink(place, error);
    if (error) {
      fail("{}: cannot follow the symbolic link; got: {}", path.string(), error.message());
    }
  }
  return place;
}

void sync(const std::filesystem::path& path, const std::string& name) {
  const int descriptor = retry([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); });
  if (descriptor < 0) {
    fail_with_errno(name, "cannot sync to the disk");
  }
  const int result = retry([&] { return ::fsync(descriptor); });
  const int error = errno;
  ::close(descriptor);
  // EINVAL: some network file systems do not support syncing.
  if (result != 0 && error != EINVAL) {
    fail("{}: cannot sync to the disk; got: {}", name, system_message(error));
  }
}

}  // namespace weft::nn
