#include "autograd/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft {
namespace {

constexpr std::size_t kMaxShown = 80;
constexpr std::size_t kLongestCharacter = 4;  // bytes

/// Whether byte `i` of the text is in [low, high].
bool in_range(std::string_view text, std::size_t i, unsigned low, unsigned high) {
  const unsigned byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  return low <= byte && byte <= high;
}

/// The bytes of the character at `i`, by table 3-7 of the Unicode standard; 0 if there is none. It
/// is the second byte that tells an overlong form, a surrogate or a number too large.
std::size_t character_bytes(std::string_view text, std::size_t i) {
  const auto first = static_cast<unsigned char>(text[i]);
  if (first < 0x80) {
    return 1;
  }
  if (first < 0xC2 || first > 0xF4) {
    return 0;
  }
  const std::size_t bytes = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  bool good = in_range(text, i + 1, low, high);
  for (std::size_t next = 2; next < bytes; ++next) {
    good = good && in_range(text, i + next, 0x80, 0xBF);
  }
  return good ? bytes : 0;
}

/// Where the character that byte `i` belongs to begins; `i` itself in text that is not UTF-8.
std::size_t character_start(std::string_view text, std::size_t i) {
  for (std::size_t start = i + 1; start-- > 0 && start + kLongestCharacter > i;) {
    if ((text[start] & 0xC0) != 0x80) {
      return start;
    }
  }
  return i;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = character_bytes(text, i);
    if (bytes == 0) {
      return i;
    }
    i += bytes;
  }
  return std::nullopt;
}

std::string escaped(std::string_view text) {
  const bool is_utf8 = !find_invalid_utf8(text);
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_utf8)) {
      result += fmt::format("\\x{:02X}", byte);
    } else {
      result += c;
    }
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
