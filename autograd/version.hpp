#pragma once

#include <string_view>

namespace weft {

/// The version of the library, such as "1.2.3": what CMakeLists.txt says.
std::string_view version();

}  // namespace weft
