#pragma once

#include <string>

#include "autograd/kernels/gemm.hpp"

namespace weft::kernels {

/// c = a b, or c += a b if `accumulate`, by BLAS on the calling thread only. The sizes must match,
/// be nonzero and fit BLAS's integers. Throws Error if BLAS cannot get its memory. This is the only
/// place that calls BLAS.
template <class T>
void blas_product(const MatrixView<const T>& a, const MatrixView<const T>& b,
                  const MatrixView<T>& c, bool accumulate);

/// The upper triangle of c = a a^T, for [n, n]. Likewise; BLAS packs its factors even if they are
/// small.
void blas_gram(int n, const float* a, float* c);

}  // namespace weft::kernels
