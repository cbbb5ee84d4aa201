#pragma once

#include "autograd/tensor.hpp"

/// Matrix products of tensors, outside any graph.
namespace weft {

/// Whether a factor is transposed, where it stands.
enum class Transpose : bool { no, yes };

/// op(a) op(b) of matrices [.., ..] or batches of them [B, .., ..].
Tensor product(const Tensor& a, Transpose ta, const Tensor& b, Transpose tb);

/// c = op(a) op(b), or c += op(a) op(b) if `accumulate`, of the same.
void product_into(Tensor& c, const Tensor& a, Transpose ta, const Tensor& b, Transpose tb,
                  bool accumulate = false);

}  // namespace weft
