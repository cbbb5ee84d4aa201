#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>
#include <utility>

namespace weft {

/// The one exception type of the library. Its message follows the grammar
/// `<where>: <what is wrong>[; got <x>][; expected <y>][; hint: ...]`: what was got or expected is
/// left out where the first part says it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws an `Error` with a message formatted by fmt.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace weft
