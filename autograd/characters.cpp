#include "autograd/characters.hpp"

#include <algorithm>
#include <array>

namespace weft {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

/// The number of bytes in the character at the start of `text`, by table 3-7 of the Unicode
/// standard; 0 if there is none. The second byte already rules out overlong forms, surrogates and
/// code points that are too large.
std::size_t character_bytes(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) {
    return 1;
  }
  if (first < 0xC2 || first > 0xF4) {
    return 0;
  }
  const std::size_t bytes = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < bytes; ++i) {
    if (byte_at(text, i) < low || byte_at(text, i) > high) {
      return 0;
    }
    low = 0x80;
    high = 0xBF;
  }
  return bytes;
}

template <std::size_t N>
bool is_one_of(const std::array<char32_t, N>& codes, char32_t code) {
  return std::ranges::find(codes, code) != codes.end();
}

}  // namespace

Character first_character(std::string_view text) {
  const std::size_t bytes = character_bytes(text);
  if (bytes == 0) {
    return {text.substr(0, 1), kReplacement};
  }
  char32_t code = bytes == 1 ? byte_at(text, 0) : byte_at(text, 0) & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    code = code << 6U | (byte_at(text, i) & 0x3FU);
  }
  return {text.substr(0, bytes), code};
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = character_bytes(text.substr(i));
    if (bytes == 0) {
      return i;
    }
    i += bytes;
  }
  return std::nullopt;
}

bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029;
}

bool is_line_end(char32_t code) {
  constexpr std::array<char32_t, 11> kEnds = {0,    '\n', '\v', '\f',   '\r',  0x1C,
                                              0x1D, 0x1E, 0x85, 0x2028, 0x2029};
  return is_one_of(kEnds, code);
}

bool is_direction(char32_t code) {
  constexpr std::array<char32_t, 12> kDirections = {0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C,
                                                    0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069};
  return is_one_of(kDirections, code);
}

}  // namespace weft
