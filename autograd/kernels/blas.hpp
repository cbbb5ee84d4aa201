#pragma once

#include <string>

#include "autograd/kernels/gemm.hpp"

namespace weft::kernels {

/// c = a b, or c += a b if `accumulate`, by BLAS on the calling thread only. The sizes must match,
/// be nonzero and fit BLAS's integers. This is the only place that calls BLAS.
template <class T>
void blas_product(const MatrixView<const T>& a, const MatrixView<const T>& b,
                  const MatrixView<T>& c, bool accumulate);

}  // namespace weft::kernels
