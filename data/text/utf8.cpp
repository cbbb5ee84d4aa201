#include "data/text/utf8.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "autograd/error.hpp"

namespace weft::data {
namespace {

const utf8proc_uint8_t* bytes(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

bool is_ascii_byte(char c) { return static_cast<unsigned char>(c) < 0x80; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_ascii_byte);
}

char ascii_lowercase(char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Decodes the first character of `text`. Returns its length in bytes, or a negative number on
/// error.
utf8proc_ssize_t read_character(std::string_view text, utf8proc_int32_t& character) {
  return utf8proc_iterate(bytes(text), static_cast<utf8proc_ssize_t>(text.size()), &character);
}

std::uint16_t combining_class(utf8proc_int32_t character) {
  return utf8proc_get_property(character)->combining_class;
}

/// The characters of the text, decomposed.
std::vector<utf8proc_int32_t> decompose(std::string_view text, utf8proc_option_t options) {
  constexpr utf8proc_ssize_t kLongest = 32;  // Unicode's longest decomposition has 18 characters
  std::array<utf8proc_int32_t, kLongest> parts{};
  std::vector<utf8proc_int32_t> characters;
  characters.reserve(text.size() + 1);  // for the end
  int boundaries = 0;                   // not asked for
  while (!text.empty()) {
    utf8proc_int32_t character = 0;
    const auto length = read_character(text, character);
    const auto count = length < 0 ? length
                                  : utf8proc_decompose_char(character, parts.data(), kLongest,
                                                            options, &boundaries);
    if (count < 0) {
      fail("normalize: {}", utf8proc_errmsg(count));
    }
    characters.insert(characters.end(), parts.begin(), parts.begin() + count);
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return characters;
}

/// Puts each run of marks in the canonical order (Unicode 3.11, D109). utf8proc's own way,
/// exchanging neighbours, takes quadratic time for a flood of marks.
void order_marks(std::vector<utf8proc_int32_t>& characters) {
  const auto is_mark = [](utf8proc_int32_t c) { return combining_class(c) != 0; };
  const auto end = characters.end();
  for (auto begin = std::find_if(characters.begin(), end, is_mark); begin != end;) {
    const auto starter = std::find_if_not(begin, end, is_mark);
    if (!std::ranges::is_sorted(begin, starter, {}, combining_class)) {
      std::ranges::stable_sort(begin, starter, {}, combining_class);
    }
    begin = std::find_if(starter, end, is_mark);
  }
}

}  // namespace

std::string normalize(std::string_view text, Normalization form) {
  if (form == Normalization::none || is_ascii(text)) {
    return std::string(text);
  }
  const auto options = static_cast<utf8proc_option_t>(
      UTF8PROC_STABLE | UTF8PROC_COMPOSE | (form == Normalization::nfkc ? UTF8PROC_COMPAT : 0));
  std::vector<utf8proc_int32_t> characters = decompose(text, options);
  order_marks(characters);
  const auto count = static_cast<utf8proc_ssize_t>(characters.size());
  characters.push_back(0);  // utf8proc_reencode ends the text there
  const auto length = utf8proc_reencode(characters.data(), count, options);
  if (length < 0) {
    fail("normalize: {}", utf8proc_errmsg(length));
  }
  return {reinterpret_cast<const char*>(characters.data()), static_cast<std::size_t>(length)};
}

std::string lowercase(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    if (is_ascii_byte(text.front())) {
      result.push_back(ascii_lowercase(text.front()));
      text.remove_prefix(1);
      continue;
    }
    utf8proc_int32_t character = 0;
    const auto length = read_character(text, character);
    if (length <= 0) {
      fail("lowercase: {}", utf8proc_errmsg(length));
    }
    std::array<utf8proc_uint8_t, 4> encoded{};
    const auto size = utf8proc_encode_char(utf8proc_tolower(character), encoded.data());
    result.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size));
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  return result;
}

std::vector<std::string_view> graphemes(std::string_view text) {
  std::vector<std::string_view> clusters;
  std::size_t begin = 0;
  utf8proc_int32_t previous = 0;
  utf8proc_int32_t state = 0;  // flags and emoji sequences depend on more than two characters
  for (std::size_t position = 0; position < text.size();) {
    utf8proc_int32_t character = 0;
    const auto length = read_character(text.substr(position), character);
    if (length <= 0) {
      fail("graphemes: {}", utf8proc_errmsg(length));
    }
    if (position > 0 && utf8proc_grapheme_break_stateful(previous, character, &state)) {
      clusters.push_back(text.substr(begin, position - begin));
      begin = position;
    }
    previous = character;
    position += static_cast<std::size_t>(length);
  }
  if (begin < text.size()) {
    clusters.push_back(text.substr(begin));
  }
  return clusters;
}

}  // namespace weft::data
