#include "autograd/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft {
namespace {

constexpr std::size_t kMaxShown = 80;
constexpr std::size_t kLongestCharacter = 4;  // bytes

std::string in_bytes(std::string_view character) {
  std::string result;
  for (const char c : character) {
    result += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

/// A character of a text, which may or may not be valid UTF-8.
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

/// The start of the character that contains byte `i`; `i` itself if the text is not UTF-8 or ends
/// there.
std::size_t character_start(std::string_view text, std::size_t i) {
  if (i == text.size()) {
    return i;
  }
  for (std::size_t start = i + 1; start-- > 0 && start + kLongestCharacter > i;) {
    if ((text[start] & 0xC0) != 0x80) {
      return start;
    }
  }
  return i;
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
  if (text.size() <= kMaxShown) {
    return escaped(text);
  }
  return escaped(text.substr(0, character_start(text, kMaxShown))) + "...";
}

std::string shortened(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) {
    return std::string(text);
  }
  const std::size_t begin = character_start(text, bytes / 2);
  const std::size_t end = character_start(text, text.size() - bytes / 2);
  return fmt::format("{}...{}", text.substr(0, begin), text.substr(end));
}

}  // namespace weft
