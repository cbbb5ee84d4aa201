#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "autograd/error.hpp"
#include "autograd/suggest.hpp"

namespace weft {

/// The names of the values of an enumeration, in display order.
template <class E, std::size_t N>
struct NameTable {
  std::string_view what;                              ///< name of the enumeration in messages
  std::array<std::pair<E, std::string_view>, N> all;  ///< each value with its name
};

/// Makes the name table of an enumeration. A function `names_of`, declared next to the enumeration,
/// returns it; `name`, `named`, `names` and `values` use it, and so do flags and files:
///
///     enum class Cell { rnn, gru, lstm };
///     constexpr auto names_of(Cell) {
///       return name_table<Cell>("cell",
///                               {{Cell::rnn, "rnn"}, {Cell::gru, "gru"}, {Cell::lstm, "lstm"}});
///     }
template <class E, std::size_t N>
constexpr NameTable<E, N> name_table(std::string_view what,
                                     const std::pair<E, std::string_view> (&all)[N]) {
  return {what, std::to_array(all)};
}

/// An enumeration with a function `names_of`.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E value) {
  names_of(value);
};

/// All values of an enumeration, in the order of its table.
template <NamedEnum E>
constexpr auto values() {
  constexpr auto kTable = names_of(E{});
  std::array<E, kTable.all.size()> result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = kTable.all[i].first;
  }
  return result;
}

/// Their names, in the same order.
template <NamedEnum E>
constexpr auto names() {
  constexpr auto kTable = names_of(E{});
  std::array<std::string_view, kTable.all.size()> result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = kTable.all[i].second;
  }
  return result;
}

/// The name of a value; "invalid" if it is not one of the enumeration's values.
template <NamedEnum E>
constexpr std::string_view name(E value) {
  constexpr auto kTable = names_of(E{});
  for (const auto& [known, text] : kTable.all) {
    if (known == value) {
      return text;
    }
  }
  return "invalid";
}

/// The value with that name. Throws Error with all names and the nearest one if there is none.
template <NamedEnum E>
E named(std::string_view text) {
  return values<E>()[choose(names_of(E{}).what, text, names<E>())];
}

}  // namespace weft
