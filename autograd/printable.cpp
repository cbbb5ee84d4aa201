#include "autograd/printable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace weft {
namespace {

constexpr std::size_t kMaxShown = 80;

/// Whether byte `i` of the text is in [low, high].
bool in_range(std::string_view text, std::size_t i, unsigned low, unsigned high) {
  const unsigned byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  return low <= byte && byte <= high;
}

/// The length in bytes of the character at `i`, by table 3-7 of the Unicode standard; 0 if invalid.
/// The second byte reveals an overlong form, a surrogate or a number that is too large.
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
  std::size_t length = std::min(text.size(), kMaxShown);
  while (length < text.size() && length > 0 && (text[length] & 0xC0) == 0x80) {
    --length;  // not inside a character
  }
  return escaped(text.substr(0, length)) + (length < text.size() ? "..." : "");
}

}  // namespace weft
