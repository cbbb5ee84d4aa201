#pragma once

#include <optional>
#include <string_view>

/// Text in UTF-8 (RFC 3629), character by character.
namespace weft {

/// U+FFFD, the replacement character.
inline constexpr char32_t kReplacement = 0xFFFD;

/// A character of a text, or a byte that is not part of one.
struct Character {
  std::string_view bytes;  ///< one to four bytes; one if ill-formed
  char32_t code = 0;       ///< the code point; kReplacement if ill-formed

  /// Whether this is a well-formed character.
  bool well_formed() const { return code != kReplacement || bytes.size() > 1; }
};

/// Returns the first character of a non-empty text. Overlong and truncated sequences, surrogates
/// and code points above U+10FFFF are ill-formed.
Character first_character(std::string_view text);

/// Returns the offset of the first byte at which `text` is not well-formed UTF-8, or nothing if it
/// is all well-formed.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// Whether this is a control character (Unicode category Cc: U+0000 to U+001F, U+007F to U+009F) or
/// a line or paragraph separator (U+2028, U+2029).
bool is_control(char32_t code);

/// Whether some program treats this as a line end: one of Unicode's mandatory breaks (UAX #14: LF,
/// VT, FF, CR, NEL, U+2028, U+2029), a separator of files, groups or records (U+001C to U+001E,
/// where Python's str.splitlines splits), or NUL, where C programs stop.
bool is_line_end(char32_t code);

/// Whether this affects the direction of text: Unicode's property Bidi_Control.
bool is_direction(char32_t code);

}  // namespace weft
