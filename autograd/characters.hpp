#pragma once

#include <optional>
#include <string_view>

/// Text in UTF-8 (RFC 3629), character by character.
namespace weft {

/// U+FFFD, the replacement character.
inline constexpr char32_t kReplacement = 0xFFFD;

/// A character of a text, or a byte that belongs to none.
struct Character {
  std::string_view bytes;  ///< one to four; one if it is ill-formed
  char32_t code = 0;       ///< its code point; kReplacement if it is ill-formed

  /// Whether it is a character.
  bool well_formed() const { return code != kReplacement || bytes.size() > 1; }
};

/// The first character of a non-empty text. Sequences that are overlong, truncated, surrogates or
/// above U+10FFFF are ill-formed.
Character first_character(std::string_view text);

/// Where `text` stops being well-formed UTF-8: the offset of the first byte that belongs to no
/// character. Nothing if the text is well-formed.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// Whether it is a control character (Unicode's category Cc: U+0000 to U+001F, U+007F to U+009F) or
/// a line or paragraph separator (U+2028, U+2029).
bool is_control(char32_t code);

/// Whether some program treats it as a line end: one of Unicode's mandatory breaks (UAX #14:
/// LF, VT, FF, CR, NEL, U+2028, U+2029), a separator of files, groups or records (U+001C to U+001E,
/// where Python's str.splitlines cuts), or NUL, where programs in C stop.
bool is_line_end(char32_t code);

/// Whether it changes the direction of text: Unicode's property Bidi_Control.
bool is_direction(char32_t code);

}  // namespace weft
