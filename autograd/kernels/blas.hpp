#pragma once

#include <string>

#include "autograd/kernels/gemm.hpp"

namespace weft::kernels {

/// c = a b, or c += a b if `accumulate`, by BLAS on the calling thread alone. The sizes fit each
/// other and BLAS's integers, and are not zero. Throws Error if there is no room for BLAS's memory.
template <class T>
void blas_product(const MatrixView<const T>& a, const MatrixView<const T>& b,
                  const MatrixView<T>& c, bool accumulate);

/// The upper triangle of c = a a^T, for [n, n]. Likewise; BLAS packs its factors even if they are
/// small.
void blas_gram(int n, const float* a, float* c);

}  // namespace weft::kernels
