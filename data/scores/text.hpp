#pragma once

#include <span>
#include <string>
#include <string_view>

#include "autograd/names.hpp"

namespace weft::data {

// Text as sacreBLEU sees it: strings of Python, that is of characters (code points).

/// Whether a score tells upper case from lower case; `lower` has both texts put in lower case.
enum class LetterCase { mixed, lower };

/// sacreBLEU's names of them.
constexpr auto names_of(LetterCase) {
  return name_table<LetterCase>("case", {{LetterCase::mixed, "mixed"}, {LetterCase::lower, "lc"}});
}

/// The characters of a line of UTF-8, in lower case if asked for; throws Error if the line is
/// ill-formed.
std::u32string characters_of(std::string_view line, LetterCase letter_case);

/// The characters as UTF-8.
std::string to_utf8(std::u32string_view characters);

/// Unicode's white space and the four separators U+001C to U+001F.
bool is_space(char32_t character);

/// Lower case by Unicode's full mapping: İ becomes i and a dot above, and Σ becomes ς at the end of
/// a word.
std::u32string full_lowercase(std::u32string_view text);

/// Throws Error, in the name of `where`, unless there are as many hypotheses as references, at
/// least one.
void check_paired(std::string_view where, std::span<const std::string> hypotheses,
                  std::span<const std::string> references);

}  // namespace weft::data
