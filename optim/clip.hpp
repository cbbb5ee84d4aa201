#pragma once

#include <vector>

#include "autograd/tensor.hpp"

namespace weft::optim {

/// Scales all gradients by one factor so that their total Euclidean norm is at most `max_norm`
/// (Pascanu et al. 2013, arXiv:1211.5063), with PyTorch's factor max_norm / (norm + 1e-6). Returns
/// the original norm, summed in double in an order that does not depend on threads. If it is not
/// finite, it is returned and the gradients are left unchanged: what to do is up to the caller.
/// Parameters without a gradient are ignored; a parameter listed twice counts once. Gradients of
/// rows are coalesced, not made dense. Throws Error unless max_norm > 0 (infinity: only measure).
double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm);

/// Clamps every element of every gradient to [-clip_value, clip_value]; NaN stays NaN. Parameters
/// without a gradient are ignored. Gradients of rows are coalesced first, not made dense. Throws
/// Error unless clip_value > 0.
void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value);

}  // namespace weft::optim
