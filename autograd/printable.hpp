#pragma once

#include <string>
#include <string_view>

#include "autograd/characters.hpp"

/// Untrusted text in a form that is safe to print.
namespace weft {

/// The text as one line that is safe to show on a terminal. Control characters, line separators and
/// characters that change the direction of text become `\x1B` or `\u202E`. If the text is not valid
/// UTF-8, every byte outside ASCII becomes `\xNN`.
std::string escaped(std::string_view text);

/// The same shortened to about 80 bytes, for error messages.
std::string printable(std::string_view text);

/// The text with "..." in place of its middle, if it is longer than `bytes`: about so many are
/// left. A message keeps where it begins and why it ends, however long the path in it.
std::string shortened(std::string_view text, std::size_t bytes);

}  // namespace weft
