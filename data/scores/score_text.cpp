#include "data/scores/score_text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "autograd/error.hpp"

namespace weft::data {
namespace {

constexpr std::u32string_view kSpaces =
    U"\t\n\v\f\r\x1C\x1D\x1E\x1F \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    U"\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000";

/// Punctuation that may occur inside a word (Unicode's Word_Break MidLetter, MidNumLet and
/// Single_Quote).
constexpr std::u32string_view kInsideWords =
    U"'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";

constexpr char32_t kCapitalSigma = U'\u03A3';
constexpr char32_t kFinalSigma = U'\u03C2';
constexpr char32_t kCapitalDottedI = U'\u0130';

/// Whether the character has one of the categories, such as UTF8PROC_CATEGORY_LU.
bool has_category(char32_t c, std::initializer_list<utf8proc_category_t> categories) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return std::find(categories.begin(), categories.end(), category) != categories.end();
}

bool is_cased(char32_t c) {
  return has_category(c, {UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_LL, UTF8PROC_CATEGORY_LT});
}

bool is_case_ignorable(char32_t c) {
  return kInsideWords.find(c) != std::u32string_view::npos ||
         has_category(c, {UTF8PROC_CATEGORY_MN, UTF8PROC_CATEGORY_ME, UTF8PROC_CATEGORY_CF,
                          UTF8PROC_CATEGORY_LM, UTF8PROC_CATEGORY_SK});
}

/// Whether the letter at `position` ends a word: a letter precedes it and none follows, ignoring
/// marks (the Unicode Standard, table 3-17, Final_Sigma).
bool ends_word(std::u32string_view text, std::size_t position) {
  const auto before = text.substr(0, position);
  const auto after = text.substr(position + 1);
  const auto left = std::find_if_not(before.rbegin(), before.rend(), is_case_ignorable);
  const auto right = std::find_if_not(after.begin(), after.end(), is_case_ignorable);
  return left != before.rend() && is_cased(*left) && (right == after.end() || !is_cased(*right));
}

}  // namespace

std::u32string characters_of(std::string_view line, LetterCase letter_case) {
  std::u32string characters;
  characters.reserve(line.size());
  while (!line.empty()) {
    utf8proc_int32_t character = 0;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(line.data()),
                                         static_cast<utf8proc_ssize_t>(line.size()), &character);
    if (length <= 0) {
      fail("score: {}", utf8proc_errmsg(length));
    }
    characters.push_back(static_cast<char32_t>(character));
    line.remove_prefix(static_cast<std::size_t>(length));
  }
  return letter_case == LetterCase::lower ? full_lowercase(characters) : characters;
}

std::string to_utf8(std::u32string_view characters) {
  std::string text;
  for (const char32_t character : characters) {
    std::array<utf8proc_uint8_t, 4> encoded{};
    const auto size =
        utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), encoded.data());
    text.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size));
  }
  return text;
}

bool is_space(char32_t character) { return kSpaces.find(character) != std::u32string_view::npos; }

std::u32string full_lowercase(std::u32string_view text) {
  std::u32string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == kCapitalSigma && ends_word(text, i)) {
      result.push_back(kFinalSigma);
    } else if (text[i] == kCapitalDottedI) {
      result.append(U"i\u0307");
    } else {
      result.push_back(
          static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[i]))));
    }
  }
  return result;
}

void check_paired(std::string_view where, std::span<const std::string> hypotheses,
                  std::span<const std::string> references) {
  if (hypotheses.size() != references.size() || hypotheses.empty()) {
    fail("{}: numbers of hypotheses and references differ; got {} hypotheses and {} references",
         where, hypotheses.size(), references.size());
  }
}

}  // namespace weft::data
