#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace weft::data {

/// How a text is written, as far as it decides whether two texts can be compared.
struct TextStyle {
  double lower_lines = 0;  ///< share of lines with a lower-case letter
  double upper_lines = 0;  ///< share of lines with an upper-case letter
  /// Of the periods and commas after which a word ends: those that a space sets apart from it.
  std::int64_t spaced_marks = 0;
  std::int64_t attached_marks = 0;  ///< and those that follow a word directly

  /// Letters without case do not count: a text in Chinese alone is neither this nor `all_upper`.
  bool all_lower() const { return lower_lines > 0 && upper_lines == 0; }
  /// By Unicode's categories Lu and Ll, as `all_lower`; title case is neither.
  bool all_upper() const { return upper_lines > 0 && lower_lines == 0; }
  /// By the majority of marks; without marks, or with as many of both, a text looks like neither.
  bool looks_tokenized() const { return spaced_marks > attached_marks; }
  /// The reverse; what looks like neither differs from no text in `tokenization_differs`.
  bool looks_raw() const { return attached_marks > spaced_marks; }
};

/// The style of lines of UTF-8; throws Error if one is ill-formed.
TextStyle text_style(std::span<const std::string> lines);

/// Whether one text is written in lower case, or in upper case, and the other is not. A few letters
/// of the other kind, such as names in Chinese text, make no difference.
bool case_differs(const TextStyle& a, const TextStyle& b);

/// Whether one text has its punctuation set apart and the other does not.
bool tokenization_differs(const TextStyle& a, const TextStyle& b);

}  // namespace weft::data
