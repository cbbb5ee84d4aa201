#pragma once

#include <cstddef>

namespace weft::tools {

/// The current number of columns of a descriptor's terminal (its window may change); 80 if it is
/// not a terminal.
std::size_t terminal_columns(int descriptor);

/// Whether a descriptor is a terminal on which color is allowed (see NO_COLOR,
/// https://no-color.org).
bool wants_color(int descriptor);

}  // namespace weft::tools
