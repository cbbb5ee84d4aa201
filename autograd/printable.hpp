#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Makes untrusted text safe to show in error messages.
namespace weft {

/// The offset of the first invalid UTF-8 sequence in `text`: overlong, truncated, a surrogate, or
/// above U+10FFFF. Empty if the text is well-formed.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// The text escaped for one line of a terminal: control characters, and all non-ASCII bytes if it
/// is not UTF-8, become `\xNN`.
std::string escaped(std::string_view text);

/// The same shortened to about 80 bytes, for error messages.
std::string printable(std::string_view text);

}  // namespace weft
