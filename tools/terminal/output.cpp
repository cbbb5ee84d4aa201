#include "tools/terminal/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "autograd/error.hpp"
#include "autograd/printable.hpp"
#include "data/text/line.hpp"
#include "models/files/file.hpp"
#include "tools/flags/options.hpp"
#include "tools/terminal/signals.hpp"

namespace weft::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
constexpr std::array<std::string_view, 3> kDescriptors = {"/dev/std", "/dev/fd/", "/proc/"};

[[noreturn]] void fail_writing(const std::string& name) {
  fail("{}: cannot write; got: {}", name, models::system_message(errno));
}

[[noreturn]] void fail_making(const std::string& name) {
  fail("{}: cannot make the file; got: {}", name, models::system_message(errno));
}

/// Whether the path names no file of its own but something that is open or that is no file.
bool is_special(const std::string& path) {
  std::error_code ignored;
  return std::ranges::any_of(kDescriptors, [&](auto prefix) { return path.starts_with(prefix); }) ||
         (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored));
}

/// The file that `path` leads to, if need be through links: they stay.
std::string follow_links(const std::string& path) {
  std::error_code problem;
  const fs::path place = fs::weakly_canonical(path, problem);
  return problem ? path : place.string();
}

/// The mode of the file that is there, or what a new one gets.
mode_t mode_for(const std::string& place) {
  struct stat status {};
  if (stat(place.c_str(), &status) == 0) {
    return status.st_mode & 0777U;
  }
  const mode_t mask = umask(0);
  umask(mask);
  return 0666U & ~mask;
}

/// The text made printable but for its tabs.
std::string escaped_columns(std::string_view text) {
  std::string result;
  for (std::size_t tab = 0; (tab = text.find('\t')) != std::string_view::npos;) {
    result += escaped(text.substr(0, tab)) + '\t';
    text.remove_prefix(tab + 1);
  }
  return result + escaped(text);
}

}  // namespace

Output::Output() : Output("") {}

Output::Output(const std::string& path) {
  if (!path.empty()) {
    name_ = path;
    if (is_special(path)) {
      open_as_it_is();
    } else {
      open_temporary();
    }
  }
  terminal_ = isatty(descriptor_) == 1;
}

void Output::open_as_it_is() {
  // Appending: /dev/stdout may be a file that holds something already.
  descriptor_ = open(name_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor_ < 0) {
    fail_making(name_);
  }
}

void Output::open_temporary() {
  place_ = follow_links(name_);
  if (access(place_.c_str(), W_OK) != 0 && errno != ENOENT) {
    fail_making(name_);
  }
  std::string temporary = (fs::path(place_).parent_path() / ".weft-XXXXXX").string();
  descriptor_ = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    fail_making(name_);
  }
  temporary_ = std::move(temporary);
  remove_on_signal(temporary_.c_str());
  // Where modes cannot be changed the file keeps the temporary one's.
  [[maybe_unused]] const int ignored = fchmod(descriptor_, mode_for(place_));
}

Output::~Output() {
  if (descriptor_ > STDERR_FILENO) {
    ::close(descriptor_);
  }
  if (!temporary_.empty()) {
    unlink(temporary_.c_str());
    remove_on_signal(nullptr);
  }
}

void Output::line(std::string_view text) {
  verbatim(terminal_ ? escaped_columns(text) : data::one_line(text));
}

void Output::verbatim(std::string_view text) {
  pending_.append(text);
  pending_.push_back('\n');
  if (pending_.size() >= kBufferBytes) {
    flush();
  }
}

void Output::flush() {
  std::string_view rest = pending_;
  while (!rest.empty()) {
    const ssize_t written = write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) {
      fail_writing(name_);
    }
    rest.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  pending_.clear();
}

void Output::close() {
  flush();
  if (!temporary_.empty() && fsync(descriptor_) != 0) {
    fail_writing(name_);
  }
  if (descriptor_ > STDERR_FILENO && ::close(std::exchange(descriptor_, -1)) != 0) {
    fail_writing(name_);
  }
  if (!temporary_.empty()) {
    if (std::rename(temporary_.c_str(), place_.c_str()) != 0) {
      fail_writing(name_);
    }
    temporary_.clear();
    remove_on_signal(nullptr);
  }
}

void refuse_same_file(const std::string& command, const std::string& input,
                      const std::string& output) {
  std::error_code ignored;
  if (fs::is_regular_file(input, ignored) && fs::equivalent(input, output, ignored)) {
    misuse("{}: got {} to read and {} to write, which are the same file; expected another --output",
           command, models::printable(input), models::printable(output));
  }
}

}  // namespace weft::tools
