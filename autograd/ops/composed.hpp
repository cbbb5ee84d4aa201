#pragma once

#include <vector>

#include "autograd/tape.hpp"

namespace weft {

/// Gradients of a fused op's inputs through its composed form: what a fused backward falls back to
/// when it is being recorded itself. `composed` maps `inputs` to the op's outputs.
Gradients composed_gradients(const TensorFunction& composed, const std::vector<Tensor>& inputs,
                             const Backward& backward);

}  // namespace weft
