#pragma once

#include <string>

#include "autograd/kernels/gemm.hpp"

namespace weft::kernels {

/// c = a b, or c += a b if `accumulate`, computed by BLAS in the calling thread only. The sizes
/// must match, be nonzero and fit BLAS's integer type. Throws Error if BLAS cannot allocate its
/// memory. BLAS is called nowhere else.
template <class T>
void blas_product(const MatrixView<const T>& a, const MatrixView<const T>& b,
                  const MatrixView<T>& c, bool accumulate);

/// The upper triangle of c = a a^T, shape [n, n]. The same conditions apply. BLAS packs the factors
/// here even if they are small.
void blas_gram(int n, const float* a, float* c);

}  // namespace weft::kernels
