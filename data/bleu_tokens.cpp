#include "data/bleu_tokens.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "autograd/error.hpp"
#include "data/suggest.hpp"

namespace weft::data {
namespace {

constexpr std::array<std::string_view, 2> kTokenizationNames = {"none", "13a"};

/// What Python, in which sacreBLEU is written, takes as white space: ASCII's, then Unicode's.
constexpr std::string_view kAsciiSpace = "\t\n\v\f\r\x1C\x1D\x1E\x1F ";
constexpr std::array<std::string_view, 19> kUnicodeSpaces = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

/// The number of bytes of the white space that `text` begins with; 0 if it begins with none.
std::size_t space_at_front(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) {
    return kAsciiSpace.find(text.front()) == std::string_view::npos ? 0 : 1;
  }
  for (const std::string_view space : kUnicodeSpaces) {
    if (text.starts_with(space)) {
      return space.size();
    }
  }
  return 0;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  while (!text.empty()) {
    const std::size_t space = space_at_front(text);
    if (space == 0) {
      if (!inside) {
        words.emplace_back();
      }
      words.back().push_back(text.front());
    }
    inside = space == 0;
    text.remove_prefix(std::max(space, std::size_t{1}));
  }
  return words;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  std::size_t position = text.find(from);
  while (position != std::string::npos) {
    text.replace(position, from.size(), to);
    position = text.find(from, position + to.size());
  }
}

bool is_digit(char c) { return '0' <= c && c <= '9'; }
bool is_not_digit(char c) { return !is_digit(c); }
bool is_stop(char c) { return c == '.' || c == ','; }
bool is_hyphen(char c) { return c == '-'; }

/// ASCII's punctuation but for apostrophe, comma, hyphen and period.
bool is_symbol(char c) {
  return std::string_view("!\"#$%&()*+/:;<=>?@[\\]^_`{|}~").find(c) != std::string_view::npos;
}

std::string space_symbols(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (is_symbol(c)) {
      result.append({' ', c, ' '});
    } else {
      result.push_back(c);
    }
  }
  return result;
}

enum class Side { first, second };

/// Wherever two neighbors match, sets spaces around one of them. Left to right; a byte belongs to
/// one match at most. (Bytes serve for characters, since one of the two is always ASCII.)
template <class First, class Second>
std::string space_pairs(std::string_view text, First first, Second second, Side side) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool match = i + 1 < text.size() && first(text[i]) && second(text[i + 1]);
    if (!match) {
      result.push_back(text[i]);
    } else if (side == Side::first) {
      result.append({' ', text[i], ' ', text[++i]});
    } else {
      result.append({text[i], ' ', text[++i], ' '});
    }
  }
  return result;
}

/// The rules of mteval-v13a.pl for Western languages, in their order.
std::string apply_13a(std::string_view line) {
  std::string text = " " + std::string(line) + " ";
  replace_all(text, "<skipped>", "");
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
  text = space_symbols(text);
  text = space_pairs(text, is_not_digit, is_stop, Side::second);  // unless after a digit
  text = space_pairs(text, is_stop, is_not_digit, Side::first);   // unless before a digit
  return space_pairs(text, is_digit, is_hyphen, Side::second);
}

}  // namespace

std::string_view name(BleuTokenization tokenization) {
  return kTokenizationNames.at(static_cast<std::size_t>(tokenization));
}

BleuTokenization bleu_tokenization_named(std::string_view name) {
  return static_cast<BleuTokenization>(choose("tokenize", name, kTokenizationNames));
}

std::vector<std::string> bleu_tokens(std::string_view line, BleuTokenization tokenization) {
  return tokenization == BleuTokenization::v13a ? split(apply_13a(line)) : split(line);
}

}  // namespace weft::data
