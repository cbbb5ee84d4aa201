#pragma once

#include <vector>

#include "autograd/tensor.hpp"

namespace weft::optim {

/// Scales all gradients by one factor, so that their common Euclidean norm is at most `max_norm`
/// (Pascanu et al. 2013, arXiv:1211.5063), with PyTorch's factor max_norm / (norm + 1e-6). Returns
/// the norm before, summed in double in an order that does not depend on threads. A norm that is
/// not finite is returned and the gradients left as they are: what to do is up to the caller.
/// Parameters without gradient count for nothing, one listed twice counts once. Gradients of rows
/// are coalesced, not made dense. Throws Error unless max_norm > 0 (infinity: measure only).
double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm);

/// Moves every element of every gradient into [-clip_value, clip_value]; NaN stays. Parameters
/// without gradient are left alone. Gradients of rows are coalesced first, not made dense. Throws
/// Error unless clip_value > 0.
void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value);

}  // namespace weft::optim
