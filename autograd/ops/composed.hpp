#pragma once

#include <vector>

#include "autograd/tape.hpp"

namespace weft {

/// Gradients of a fused op's inputs, computed through its composition of elementary ops: the
/// fallback of a fused backward that is itself being recorded. `composed` maps `inputs` to the op's
/// outputs.
Gradients composed_gradients(const TensorFunction& composed, const std::vector<Tensor>& inputs,
                             const Backward& backward);

}  // namespace weft
