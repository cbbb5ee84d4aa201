#pragma once

#include "autograd/kernels/gemm.hpp"

namespace weft::kernels {

/// c = a b, or c += a b if `accumulate`, for each of `batch` matrices, every element a sum in the
/// order of the summed index, each product fused with its addition (where the instruction set can):
/// the same bits for any vector width, number of threads, and rows or columns beside it. The sizes
/// must match and be nonzero.
template <class T>
void ordered_gemm(const MatrixView<const T>& a, const MatrixView<const T>& b,
                  const MatrixView<T>& c, bool accumulate, std::int64_t batch);

}  // namespace weft::kernels
