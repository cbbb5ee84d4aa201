#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/pictures/attention_picture.hpp"
#include "tools/terminal/output.hpp"

namespace weft::tools {

/// What --attention asks for: "term", FILE.svg, FILE.html, or nothing.
class AttentionPictures {
 public:
  /// Throws UsageError if `what` is none of those.
  static void check(const std::string& what);

  /// The translator is the one whose translations are drawn.
  AttentionPictures(const models::Translator& translator, const std::string& what);

  /// Draws a translation of a line below it, or keeps it for the file. Throws Error if the model
  /// attends to nothing.
  void add(const models::Translation& translation, const models::SourceLine& line, Output& output);
  /// Writes the file, and tells the alignment error rate where the true links are known. Throws
  /// Error if the file cannot be written.
  void close();

 private:
  enum class Form { none, terminal, svg, html };
  static Form form_of(const std::string& what);

  Form form_;
  std::string path_;
  std::optional<TrueAlignments> truth_;  // once a picture is asked for
  std::vector<AttentionPicture> pictures_;
};

}  // namespace weft::tools
