#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/files/json.hpp"
#include "nn/atomic_file.hpp"

namespace weft::tools {

/// Where results go: standard output or a file. Nothing gets lost in silence: what cannot be
/// written is an Error with the system's reason.
///
/// A file takes its name in `close` (see nn::AtomicFile), so that an error or a signal leaves the
/// old one whole. Devices, pipes and descriptors are written as they are.
class Output {
 public:
  /// Standard output.
  Output();
  /// A file, made or replaced; standard output if `path` is empty.
  explicit Output(const std::string& path);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  /// Adds a line, kept until `flush`. Whatever the text holds, it is one line: printable at a
  /// terminal (`escaped`, but for tabs), and elsewhere to the letter, with a space for what ends a
  /// line within it.
  void line(std::string_view text);
  /// Adds text of the program's own as it stands: of several lines, or in colors.
  void verbatim(std::string_view text);
  /// Adds a JSON object on one line.
  void json(const models::Json& json) { verbatim(json.dump()); }
  /// Writes all lines added so far.
  void flush();
  /// Writes all lines, reports what the system finds wrong only at the end, and gives a file its
  /// name. Without it a file stays as it was.
  void close();

 private:
  nn::File& file() { return whole_ ? whole_->file() : *stream_; }

  std::optional<nn::AtomicFile> whole_;  ///< a file
  std::optional<nn::File> stream_;       ///< or anything else
  bool terminal_ = false;
  std::string pending_;
};

/// Throws UsageError if `input` and `output` are the same file: writing it would destroy what is to
/// be read.
void refuse_same_file(const std::string& command, const std::string& input,
                      const std::string& output);

}  // namespace weft::tools
