#include "tools/terminal/standard_input.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "autograd/error.hpp"
#include "data/text/line_reader.hpp"
#include "models/files/file.hpp"

namespace weft::tools {
bool StandardInput::line_ready() {
  while (!ended_ && !line_buffered()) {
    pollfd descriptor{STDIN_FILENO, POLLIN, 0};
    if (poll(&descriptor, 1, 0) <= 0) {
      return false;
    }
    fill();
  }
  return true;
}

bool StandardInput::line_buffered() {
  const auto read = static_cast<std::size_t>(gptr() - eback());
  searched_ = std::min(buffer_.find('\n', std::max(read, searched_)), buffer_.size());
  return searched_ < buffer_.size() || buffer_.size() - read > data::kMaxLineBytes;
}

StandardInput::int_type StandardInput::underflow() {
  if (gptr() == egptr() && !fill()) {
    return traits_type::eof();
  }
  return traits_type::to_int_type(*gptr());
}

bool StandardInput::fill() {
  if (ended_) {
    return false;
  }
  std::array<char, 65536> bytes{};
  ssize_t count = 0;
  do {
    count = read(STDIN_FILENO, bytes.data(), bytes.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) {
    fail("<stdin>: cannot read; got: {}", models::system_message(errno));
  }
  ended_ = count == 0;
  const auto read_so_far = static_cast<std::size_t>(gptr() - eback());
  buffer_.erase(0, read_so_far);
  searched_ -= std::min(searched_, read_so_far);
  buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  setg(buffer_.data(), buffer_.data(), buffer_.data() + buffer_.size());
  return !ended_;
}

}  // namespace weft::tools
