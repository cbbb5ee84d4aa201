#pragma once

#include <string>
#include <string_view>

#include "autograd/characters.hpp"

/// Untrusted text in a form that is safe to print.
namespace weft {

/// Returns the text as one line that is safe to show on a terminal. Control characters, line
/// separators and characters that affect the direction of text are written as `\x1B` or `\u202E`.
/// If the text is not valid UTF-8, every byte outside ASCII is written as `\xNN`.
std::string escaped(std::string_view text);

/// The same shortened to about 80 bytes, for error messages.
std::string printable(std::string_view text);

/// Replaces the middle of a text longer than `bytes` by "...", leaving about `bytes` bytes. So an
/// error message keeps its beginning and its reason, however long the path in it.
std::string shortened(std::string_view text, std::size_t bytes);

}  // namespace weft
