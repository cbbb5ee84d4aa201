#pragma once

#include <streambuf>
#include <string>

namespace weft::tools {

/// Standard input as a stream that can tell whether its next line is there already, so that a
/// program at the other end of a pipe gets its answer before it sends more.
class StandardInput : public std::streambuf {
 public:
  /// Whether a line, or the end, can be read without waiting; true as well for a line so long that
  /// its reader will refuse it.
  bool line_ready();

 protected:
  int_type underflow() override;

 private:
  /// Appends what can be read to the buffer, waiting for it if need be; false at the end.
  bool fill();

  /// Whether the buffer holds a line, or one that is too long.
  bool line_buffered();

  std::string buffer_;
  std::size_t searched_ = 0;  ///< bytes of the buffer that hold no end of a line after gptr()
  bool ended_ = false;
};

}  // namespace weft::tools
