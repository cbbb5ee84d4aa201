#pragma once

#include <cstddef>

namespace weft::tools {

/// The columns of the terminal behind a descriptor now (its window may change); 80 if it is none.
std::size_t terminal_columns(int descriptor);

/// Whether a descriptor is a terminal that may be written to in color (see NO_COLOR,
/// https://no-color.org).
bool wants_color(int descriptor);

}  // namespace weft::tools
