#include "autograd/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft {
namespace {

constexpr std::size_t kMaxShown = 80;

std::string in_bytes(std::string_view character) {
  std::string result;
  for (const char c : character) {
    result += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

/// A character of a text that is UTF-8, or not.
std::string escaped_character(const Character& character, bool is_utf8) {
  if (character.code < 0x80) {
    return is_control(character.code) ? in_bytes(character.bytes) : std::string(character.bytes);
  }
  if (!is_utf8) {
    return in_bytes(character.bytes);
  }
  return is_control(character.code) || is_direction(character.code)
             ? fmt::format("\\u{:04X}", static_cast<unsigned>(character.code))
             : std::string(character.bytes);
}

}  // namespace

std::string escaped(std::string_view text) {
  const bool is_utf8 = !find_invalid_utf8(text);
  std::string result;
  while (!text.empty()) {
    const Character character = first_character(text);
    result += escaped_character(character, is_utf8);
    text.remove_prefix(character.bytes.size());
  }
  return result;
}

std::string printable(std::string_view text) {
  std::size_t length = std::min(text.size(), kMaxShown);
  while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80) {
    --length;  // not within a character
  }
  return escaped(text.substr(0, length)) + (length < text.size() ? "..." : "");
}

}  // namespace weft
