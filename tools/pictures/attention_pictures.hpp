#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/pictures/attention_picture.hpp"
#include "tools/terminal/output.hpp"

namespace weft::tools {

/// Implements --attention: "term", FILE.svg, FILE.html, or empty for no pictures.
class AttentionPictures {
 public:
  /// Throws UsageError if `what` is anything else.
  static void check(const std::string& what);

  /// `translator` is the one whose translations are drawn.
  AttentionPictures(const models::Translator& translator, const std::string& what);

  /// Draws a translation of a line below the translation, or keeps it for the file. Throws Error if
  /// the model has no attention.
  void add(const models::Translation& translation, const models::SourceLine& line, Output& output);
  /// Writes the file, and reports the alignment error rate if the true links are known. Throws
  /// Error if the file cannot be written.
  void close();

 private:
  enum class Form { none, terminal, svg, html };
  static Form form_of(const std::string& what);

  Form form_;
  std::string path_;
  std::optional<TrueAlignments> truth_;  // set when a picture is requested
  std::vector<AttentionPicture> pictures_;
};

}  // namespace weft::tools
