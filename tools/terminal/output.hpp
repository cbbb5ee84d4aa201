#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/files/json.hpp"
#include "nn/atomic_file.hpp"

namespace weft::tools {

/// Where results go: standard output or a file. Nothing is lost silently: if writing fails, an
/// Error reports the system's reason.
///
/// A file gets its name in `close` (see nn::AtomicFile), so that after an error or a signal the old
/// file is still complete. Devices, pipes and descriptors are written to directly, and a file that
/// standard output already is goes on there.
class Output {
 public:
  /// Standard output.
  Output();
  /// A file, created or replaced; standard output if `path` is empty.
  explicit Output(const std::string& path);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  /// Adds a line, buffered until `flush`. Whatever the text contains, it stays one line: on a
  /// terminal it is made printable (`escaped`, except for tabs), elsewhere it is written verbatim,
  /// except that line ends within it become spaces.
  void line(std::string_view text);
  /// Adds text made by the program, verbatim: it may have several lines or colors.
  void verbatim(std::string_view text);
  /// Adds a JSON object on one line.
  void json(const models::Json& json) { verbatim(json.dump()); }
  /// Writes all lines added so far.
  void flush();
  /// Writes all lines, reports errors that the system detects only at the end, and gives the file
  /// its name. Without this call, an existing file remains unchanged.
  void close();

 private:
  nn::File& file() { return whole_ ? whole_->file() : *stream_; }

  std::optional<nn::AtomicFile> whole_;  ///< for a regular file
  std::optional<nn::File> stream_;       ///< for anything else
  bool terminal_ = false;
  std::string pending_;
};

/// Throws UsageError if `input` and `output` are the same file: writing would destroy the input.
void refuse_same_file(const std::string& command, const std::string& input,
                      const std::string& output);

/// Throws UsageError if `output` would replace a file of a model directory.
void refuse_model_file(const std::string& command, const std::string& output);

}  // namespace weft::tools
