#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Text from a source that is not trusted, as errors may show it.
namespace weft {

/// Where `text` stops being well-formed UTF-8: the offset of the first byte of the first sequence
/// that is overlong, truncated, a surrogate, or above U+10FFFF. Nothing if the text is well-formed.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

/// The text fit for one line of a terminal: control characters, and all that is not ASCII if it is
/// not UTF-8, as `\xNN`.
std::string escaped(std::string_view text);

/// The same shortened to about 80 bytes, for error messages.
std::string printable(std::string_view text);

/// The text with "..." in place of its middle, if it is longer than `bytes`: about so many are
/// left. A message keeps where it begins and why it ends, however long the path in it.
std::string shortened(std::string_view text, std::size_t bytes);

}  // namespace weft
