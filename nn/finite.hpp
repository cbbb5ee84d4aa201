#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "nn/module.hpp"

namespace weft::nn {

/// An element that is NaN or infinite.
struct NotFinite {
  std::string tensor;    ///< the name of its tensor
  std::int64_t element;  ///< flat index in row-major order
  double value;          ///< NaN, inf or -inf
};

/// Returns the first such element in tensors of any dtype, or nothing if all are finite.
std::optional<NotFinite> find_not_finite(const NamedTensors& tensors);

/// Throws Error naming the first such element, if any, as an element of the file `where`.
void check_finite(const NamedTensors& tensors, const std::string& where);

}  // namespace weft::nn
