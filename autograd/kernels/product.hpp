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

/// x op(w) + b of float32 matrices, [N, K] and op(w) [K, M] -> [N, M], b [M] or undefined, by a
/// kernel of weft's own. w is rearranged for it at the first product after a change, so this is for
/// a weight that many products share. The bits of a row do not depend on how many rows there are,
/// unlike with BLAS.
Tensor packed_product(const Tensor& x, const Tensor& w, Transpose tw, const Tensor& bias = {});

/// Whether packed_product is faster than product: where rows are few, BLAS spends much of its time
/// on packing w again. Never without AVX2 or better: BLAS has kernels for more CPUs.
bool packing_pays(const Tensor& x);

}  // namespace weft
