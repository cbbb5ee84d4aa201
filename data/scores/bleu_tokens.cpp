#include "data/scores/bleu_tokens.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "autograd/error.hpp"

namespace weft::data {
namespace {

std::vector<std::string> split(std::u32string_view text) {
  std::vector<std::string> words;
  auto begin = std::find_if_not(text.begin(), text.end(), is_space);
  while (begin != text.end()) {
    const auto end = std::find_if(begin, text.end(), is_space);
    words.push_back(to_utf8({begin, end}));
    begin = std::find_if_not(end, text.end(), is_space);
  }
  return words;
}

/// Returns the text without trailing white space.
std::u32string_view strip_end(std::u32string_view text) {
  const auto last = std::find_if_not(text.rbegin(), text.rend(), is_space);
  return {text.begin(), last.base()};
}

/// Returns the text without leading and trailing white space.
std::u32string_view strip(std::u32string_view text) {
  return strip_end({std::find_if_not(text.begin(), text.end(), is_space), text.end()});
}

/// Puts spaces around each character that matches.
template <class Match>
std::u32string space_each(std::u32string_view text, Match match) {
  std::u32string result;
  for (const char32_t c : text) {
    if (match(c)) {
      result.append({U' ', c, U' '});
    } else {
      result.push_back(c);
    }
  }
  return result;
}

enum class Side { first, second };

/// Wherever two adjacent characters match, puts spaces around one of them. Goes from left to right;
/// a character belongs to at most one match.
template <class First, class Second>
std::u32string space_pairs(std::u32string_view text, First first, Second second, Side side) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool match = i + 1 < text.size() && first(text[i]) && second(text[i + 1]);
    if (!match) {
      result.push_back(text[i]);
    } else if (side == Side::first) {
      result.append({U' ', text[i], U' ', text[++i]});
    } else {
      result.append({text[i], U' ', text[++i], U' '});
    }
  }
  return result;
}

bool is_digit(char32_t c) { return U'0' <= c && c <= U'9'; }
bool is_not_digit(char32_t c) { return !is_digit(c); }
bool is_stop(char32_t c) { return c == U'.' || c == U','; }
bool is_hyphen(char32_t c) { return c == U'-'; }

/// ASCII punctuation except apostrophe, comma, hyphen and period.
bool is_ascii_symbol(char32_t c) {
  return std::u32string_view(U"!\"#$%&()*+/:;<=>?@[\\]^_`{|}~").find(c) !=
         std::u32string_view::npos;
}

/// The rules of mteval-v13a.pl for Western languages, in order.
std::u32string space_western(std::u32string_view line) {
  std::u32string text = space_each(line, is_ascii_symbol);
  text = space_pairs(text, is_not_digit, is_stop, Side::second);  // unless after a digit
  text = space_pairs(text, is_stop, is_not_digit, Side::first);   // unless before a digit
  return space_pairs(text, is_digit, is_hyphen, Side::second);
}

std::u32string replace_all(std::u32string_view text, std::u32string_view from,
                           std::u32string_view to) {
  std::u32string result;
  std::size_t begin = 0;
  for (std::size_t found = 0; (found = text.find(from, begin)) != std::u32string_view::npos;
       begin = found + from.size()) {
    result.append(text.substr(begin, found - begin)).append(to);
  }
  return result.append(text.substr(begin));
}

std::u32string apply_13a(std::u32string_view line) {
  std::u32string text = U" " + std::u32string(line) + U" ";
  text = replace_all(text, U"<skipped>", U"");
  text = replace_all(text, U"&quot;", U"\"");
  text = replace_all(text, U"&amp;", U"&");
  text = replace_all(text, U"&lt;", U"<");
  text = replace_all(text, U"&gt;", U">");
  return space_western(text);
}

struct Range {
  char32_t first;
  char32_t last;
};

/// What sacreBLEU treats as Chinese: ideographs up to Unicode 4.1, their components, Chinese
/// punctuation and symbols, full-width forms. The first range is a mistake that its scores depend
/// on (its issue 298): two ranges above U+FFFF, written with four hexadecimal digits followed by a
/// fifth one, came to mean this.
constexpr std::array<Range, 13> kChinese = {{{0x2001, 0x2A6D},
                                             {0x2E80, 0x2FDF},
                                             {0x2FF0, 0x303F},
                                             {0x3100, 0x312F},
                                             {0x31A0, 0x31EF},
                                             {0x3200, 0x4DB5},
                                             {0x4E00, 0x9FBB},
                                             {0xF900, 0xFA2D},
                                             {0xFA30, 0xFA6A},
                                             {0xFA70, 0xFAD9},
                                             {0xFE10, 0xFE1F},
                                             {0xFE30, 0xFE4F},
                                             {0xFF00, 0xFFEF}}};

bool is_chinese(char32_t c) {
  return std::any_of(kChinese.begin(), kChinese.end(),
                     [c](const Range& range) { return range.first <= c && c <= range.last; });
}

/// The first letter of the character's general category: N a number, P punctuation, S a symbol.
char major_category(char32_t c) {
  return *utf8proc_category_string(static_cast<utf8proc_int32_t>(c));
}

bool is_not_number(char32_t c) { return major_category(c) != 'N'; }
bool is_punctuation(char32_t c) { return major_category(c) == 'P'; }
bool is_symbol(char32_t c) { return major_category(c) == 'S'; }

/// The rules of mteval-v14.pl, in order. At either end of the line there is no neighbor, so a
/// number keeps the period that ends it.
std::u32string apply_intl(std::u32string_view line) {
  std::u32string text = space_pairs(line, is_not_number, is_punctuation, Side::second);
  text = space_pairs(text, is_punctuation, is_not_number, Side::first);
  return space_each(text, is_symbol);
}

bool is_anything(char32_t) { return true; }

std::u32string set_apart(std::u32string_view line, BleuTokenization tokenization) {
  switch (tokenization) {
    case BleuTokenization::none:
      return std::u32string(line);
    case BleuTokenization::v13a:
      return apply_13a(line);
    case BleuTokenization::chars:
      return space_each(line, is_anything);
    case BleuTokenization::zh:
      return space_western(space_each(strip(line), is_chinese));
    case BleuTokenization::intl:
      return apply_intl(strip_end(line));
  }
  fail("bleu: unknown tokenization");
}

}  // namespace

std::vector<std::string> bleu_tokens(std::string_view line, BleuTokenization tokenization,
                                     LetterCase letter_case) {
  return split(set_apart(characters_of(line, letter_case), tokenization));
}

}  // namespace weft::data
