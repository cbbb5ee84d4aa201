#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "autograd/names.hpp"

namespace weft {

/// Element types: float32 for models, float64 for gradient checks, int64 for ids, boolean for
/// masks.
enum class DType : std::uint8_t { float32, float64, int64, boolean };

/// The names of the element types.
constexpr auto names_of(DType) {
  return name_table<DType>("dtype", {{DType::float32, "float32"},
                                     {DType::float64, "float64"},
                                     {DType::int64, "int64"},
                                     {DType::boolean, "bool"}});
}

/// Bytes per element.
std::size_t size_of(DType dtype);

/// True for float32 and float64, the types that can have gradients.
inline bool is_floating(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }

/// The C++ types of elements. A plain int is none: ids are std::int64_t, numbers float or double.
template <class T>
concept Element = std::same_as<T, float> || std::same_as<T, double> ||
    std::same_as<T, std::int64_t> || std::same_as<T, bool>;

/// The DType of a C++ element type.
template <Element T>
constexpr DType dtype_of();
/// float32
template <>
constexpr DType dtype_of<float>() {
  return DType::float32;
}
/// float64
template <>
constexpr DType dtype_of<double>() {
  return DType::float64;
}
/// int64
template <>
constexpr DType dtype_of<std::int64_t>() {
  return DType::int64;
}
/// boolean
template <>
constexpr DType dtype_of<bool>() {
  return DType::boolean;
}

/// Calls `f.template operator()<T>()` with the T among `Types` whose DType is `dtype`:
///
///     dispatch<float, double>("tanh", x.dtype(), [&]<class T>() { ... });
///
/// Throws Error naming `where` if no type matches.
template <class... Types, class F>
void dispatch(std::string_view where, DType dtype, F&& f) {
  const bool found =
      ((dtype == dtype_of<Types>() && (f.template operator()<Types>(), true)) || ...);
  if (!found) {
    fail("{}: unsupported dtype; got {}", where, name(dtype));
  }
}

/// `dispatch` over float32 and float64.
template <class F>
void dispatch_floating(std::string_view where, DType dtype, F&& f) {
  dispatch<float, double>(where, dtype, std::forward<F>(f));
}

/// `dispatch` over every DType.
template <class F>
void dispatch_all(std::string_view where, DType dtype, F&& f) {
  dispatch<float, double, std::int64_t, bool>(where, dtype, std::forward<F>(f));
}

}  // namespace weft
