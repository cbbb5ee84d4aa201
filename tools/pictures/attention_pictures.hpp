#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/pictures/attention_picture.hpp"
#include "tools/terminal/output.hpp"

namespace weft::tools {

/// Implements --attention: "term", FILE.svg, FILE.html, or empty for no pictures; and
/// --attention-head: "mean" for what the model's predictions have, LAYER.HEAD for one of several
/// heads, or "all".
class AttentionPictures {
 public:
  /// Throws UsageError if `what` or `heads` is anything else, or if a terminal would have to show
  /// all heads.
  static void check(const std::string& what, const std::string& heads);

  /// `translator` is the one whose translations are drawn.
  AttentionPictures(const models::Translator& translator, const std::string& what,
                    const std::string& heads = "mean");

  /// Draws a translation of a line below the translation, or keeps it for the file. Throws Error if
  /// the model has no attention, or not this head.
  void add(const models::Translation& translation, const models::SourceLine& line, Output& output);
  /// Writes the file, and reports the alignment error rate if the true links are known. Throws
  /// Error if the file cannot be written.
  void close();

 private:
  enum class Form { none, terminal, svg, html };
  static Form form_of(const std::string& what);

  /// A head, from 1.
  struct Head {
    std::int64_t layer, head;
  };
  /// The head that `heads` names, if it names one.
  static std::optional<Head> head_of(const std::string& heads);
  /// The picture of the mean, or one for each head asked for.
  std::vector<AttentionPicture> pictures_of(const models::Translation& translation,
                                            const std::string& title) const;

  const models::Translator& translator_;
  Form form_;
  std::string path_;
  std::string heads_;
  std::optional<TrueAlignments> truth_;  // set when a picture is requested
  std::vector<AttentionPicture> pictures_;
};

}  // namespace weft::tools
