#pragma once

#include <span>
#include <string>
#include <string_view>

#include "autograd/names.hpp"

namespace weft::data {

// Text as sacreBLEU sees it: Python strings, which consist of characters (code points).

/// Whether a score distinguishes upper and lower case; `lower` converts both texts to lower case.
enum class LetterCase { mixed, lower };

/// Their names in sacreBLEU.
constexpr auto names_of(LetterCase) {
  return name_table<LetterCase>("case", {{LetterCase::mixed, "mixed"}, {LetterCase::lower, "lc"}});
}

/// Returns the characters of a line of UTF-8, in lower case if requested. Throws Error if the line
/// is ill-formed.
std::u32string characters_of(std::string_view line, LetterCase letter_case);

/// Encodes the characters as UTF-8.
std::string to_utf8(std::u32string_view characters);

/// Whether the character is Unicode white space or one of the separators U+001C to U+001F.
bool is_space(char32_t character);

/// Converts to lower case by Unicode's full mapping: İ becomes i and a dot above, and Σ becomes ς
/// at the end of a word.
std::u32string full_lowercase(std::u32string_view text);

/// Throws Error, naming `where`, unless the numbers of hypotheses and references are equal and at
/// least 1.
void check_paired(std::string_view where, std::span<const std::string> hypotheses,
                  std::span<const std::string> references);

}  // namespace weft::data
