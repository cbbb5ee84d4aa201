#pragma once

#include <cstdint>

#include "autograd/tensor.hpp"

namespace weft::models {

/// Throws Error unless a model's source is of its kind: tokens [S, B] (int64), or frames
/// [S, B, source_features] if that is positive.
void check_source(const Tensor& source, std::int64_t source_features);

}  // namespace weft::models
