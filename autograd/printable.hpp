#pragma once

#include <string>
#include <string_view>

#include "autograd/characters.hpp"

/// Text from a source that is not trusted, as errors may show it.
namespace weft {

/// The text fit for one line of a terminal, where it can neither command nor deceive: control
/// characters, separators of lines, and what turns the direction of writing as `\x1B` or `\u202E`;
/// bytes that are not UTF-8, and beside them all that is not ASCII, as `\xNN`.
std::string escaped(std::string_view text);

/// The same shortened to about 80 bytes, for error messages.
std::string printable(std::string_view text);

}  // namespace weft
