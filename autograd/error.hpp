#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>
#include <utility>

namespace weft {

/// The library's only exception type. Its messages follow the grammar
/// `<where>: <what is wrong>[; got <x>][; expected <y>][; hint: ...]`; `got` and `expected` are
/// omitted where the first part already says it.
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
