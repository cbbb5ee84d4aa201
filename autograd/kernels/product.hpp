#pragma once

#include "autograd/tensor.hpp"

/// Matrix products of tensors, outside any graph.
namespace weft {

/// Whether a factor is transposed; it is not copied.
enum class Transpose : bool { no, yes };

/// op(a) op(b) for matrices [.., ..] or batches of them [B, .., ..].
Tensor product(const Tensor& a, Transpose ta, const Tensor& b, Transpose tb);

/// c = op(a) op(b), or c += op(a) op(b) if `accumulate`, for the same operands.
void product_into(Tensor& c, const Tensor& a, Transpose ta, const Tensor& b, Transpose tb,
                  bool accumulate = false);

/// x op(w) + b for float32 matrices, [N, K] and op(w) [K, M] -> [N, M], b [M] or undefined, by
/// weft's own kernel. w is packed for it in the first product after a modification, so use this for
/// a weight shared by many products. Unlike with BLAS, the bits of a row do not depend on the
/// number of rows.
Tensor packed_product(const Tensor& x, const Tensor& w, Transpose tw, const Tensor& bias = {});

/// Whether packed_product is faster than product: with few rows, packing w again would take much of
/// the time. Always false without AVX2 or better, as BLAS has kernels for more CPUs, and
/// always true where products are to be weft's own (products.hpp).
bool packing_pays(const Tensor& x);

}  // namespace weft
