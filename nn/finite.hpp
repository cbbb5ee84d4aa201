#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "nn/module.hpp"

namespace weft::nn {

/// An element that is NaN or infinite.
struct NotFinite {
  std::string tensor;    ///< the name of its tensor
  std::int64_t element;  ///< its place in the tensor, row by row, from 0
  double value;          ///< NaN, inf or -inf
};

/// The first such element of tensors of any dtype; none if all are finite.
std::optional<NotFinite> find_not_finite(const NamedTensors& tensors);

/// Throws Error naming it, if there is one, as an element of the file `where`.
void check_finite(const NamedTensors& tensors, const std::string& where);

}  // namespace weft::nn
