#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace weft::data {

/// How a text is written, in the respects that decide whether two texts can be compared.
struct TextStyle {
  double lower_lines = 0;  ///< share of lines with a lower-case letter
  double upper_lines = 0;  ///< share of lines with an upper-case letter
  /// Periods and commas at the end of a word that are separated from it by a space.
  std::int64_t spaced_marks = 0;
  std::int64_t attached_marks = 0;  ///< those that follow the word directly

  /// Letters without case do not count: a purely Chinese text is neither this nor `all_upper`.
  bool all_lower() const { return lower_lines > 0 && upper_lines == 0; }
  /// By Unicode's categories Lu and Ll, like `all_lower`; title case is neither.
  bool all_upper() const { return upper_lines > 0 && lower_lines == 0; }
  /// Decided by the majority of marks; without marks, or in a tie, a text looks like neither.
  bool looks_tokenized() const { return spaced_marks > attached_marks; }
  /// The reverse. A text that looks like neither differs from no text in `tokenization_differs`.
  bool looks_raw() const { return attached_marks > spaced_marks; }
};

/// Returns the style of lines of UTF-8. Throws Error if one is ill-formed.
TextStyle text_style(std::span<const std::string> lines);

/// Whether one text is written in lower case, or in upper case, and the other is not. A few letters
/// of the other kind, such as names in Chinese text, make no difference.
bool case_differs(const TextStyle& a, const TextStyle& b);

/// Whether punctuation is separated by spaces in one text and not in the other.
bool tokenization_differs(const TextStyle& a, const TextStyle& b);

}  // namespace weft::data
