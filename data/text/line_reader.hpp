#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <istream>
#include <string>
#include <vector>

namespace weft::data {

/// The longest line that is read, in bytes.
inline constexpr std::size_t kMaxLineBytes = std::size_t{16} << 20;

/// Whether a file without lines is an error.
enum class EmptyFile { allow, reject };

/// Reads UTF-8 text line by line, from a file or a stream such as std::cin, as the lines arrive.
///
/// Lines end at LF or CRLF and nowhere else; the last line may have no line end. A byte order mark
/// at the start is dropped. Everything that is not such text is an Error naming file and line: a
/// file that is missing or unreadable, a folder, UTF-16, NUL bytes, ill-formed UTF-8, a line above
/// kMaxLineBytes.
class LineReader {
 public:
  /// Opens a file; throws Error if that fails.
  explicit LineReader(const std::string& path, EmptyFile empty = EmptyFile::reject);
  /// Reads a stream, which must outlive the reader. Errors refer to it as `name`, for example
  /// "<stdin>".
  LineReader(std::istream& stream, std::string name, EmptyFile empty = EmptyFile::allow);

  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  LineReader(LineReader&&) = delete;
  LineReader& operator=(LineReader&&) = delete;
  ~LineReader() = default;

  /// Reads the next line into `line`, without its line end. Returns false if there is none.
  bool next(std::string& line);

  /// The number of the last line read, counted from 1; 0 before the first.
  std::int64_t line_number() const { return line_number_; }
  /// The file's path or the stream's name.
  const std::string& name() const { return name_; }
  /// The position of the last line read, as in error messages: "train.en:12".
  std::string where() const;

 private:
  bool read_bytes(std::string& line);
  void check(std::string& line) const;

  std::ifstream file_;
  std::istream& stream_;
  std::string name_;
  EmptyFile empty_;
  std::int64_t line_number_ = 0;
};

}  // namespace weft::data
