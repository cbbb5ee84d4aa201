#pragma once

#include <streambuf>
#include <string>

namespace weft::tools {

/// Standard input as a stream that knows whether its next line has already arrived. So a program at
/// the other end of a pipe gets its answer before it sends more.
class StandardInput : public std::streambuf {
 public:
  /// Whether a line, or the end of input, can be read without waiting. Also true for a line so long
  /// that its reader will reject it.
  bool line_ready();

 protected:
  int_type underflow() override;

 private:
  /// Appends available input to the buffer, waiting if there is none yet. Returns false at the end
  /// of input.
  bool fill();

  /// Whether the buffer holds a complete line, or one that is too long.
  bool line_buffered();

  std::string buffer_;
  std::size_t searched_ = 0;  ///< bytes of the buffer, after gptr(), known to contain no line end
  bool ended_ = false;
};

}  // namespace weft::tools
