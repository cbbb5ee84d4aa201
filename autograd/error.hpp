#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace weft {

/// The type of all the library's errors. Its messages follow the grammar
/// `<where>: <what is wrong>[; got <x>][; expected <y>][; hint: ...]`; `got` and `expected` are
/// omitted where the first part already says it.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws an `Error`. The enclosing modules (path.hpp) are added to the first part of the message:
/// `matmul in decoder.cell, time step 3: inner dimensions differ; ...`.
[[noreturn]] void throw_here(std::string message);

/// `throw_here` with a message formatted by fmt.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw_here(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace weft
