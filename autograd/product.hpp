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

/// x w^T of float matrices [N, I] and [O, I] -> [N, O], by a kernel of weft's own in which the bits
/// of a row do not depend on how many rows there are, unlike with BLAS.
Tensor row_product(const Tensor& x, const Tensor& w);

}  // namespace weft
