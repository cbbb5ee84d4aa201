#pragma once

#include "autograd/tensor.hpp"

namespace weft::nn {

/// Marks the elements of sequences: lengths [B] (int64) -> boolean [T, B], true at step t of row b
/// if t < lengths[b]. Throws Error unless every length is in [1, T].
Tensor sequence_mask(const Tensor& lengths, std::int64_t T);

/// Marks the padding: the complement of `sequence_mask`, boolean [T, B].
Tensor padding_mask(const Tensor& lengths, std::int64_t T);

}  // namespace weft::nn
