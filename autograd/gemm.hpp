#pragma once

#include <cstdint>

namespace weft {

/// A matrix where it stands, or a batch of them: `rows` x `cols` elements of a row-major array with
/// `ld` elements from one row to the next; matrix i of a batch begins `batch_stride` * i further
/// on. If `transposed`, the array holds the transpose (`cols` x `rows`).
template <class T>
struct MatrixView {
  T* data;                        ///< its first element
  std::int64_t rows;              ///< of the matrix, after a transposition
  std::int64_t cols;              ///< likewise
  std::int64_t ld;                ///< elements from one row of the array to the next
  bool transposed = false;        ///< whether the array holds the transpose
  std::int64_t batch_stride = 0;  ///< elements from one matrix of a batch to the next
};

/// c = a b, or c += a b if `accumulate`, for each of `batch` matrices; c is not transposed. The
/// product is cut into tiles that depend on its shape alone, so that the result does not depend on
/// the number of threads. The one place that calls BLAS. Throws Error if sizes do not fit or
/// exceed BLAS's 32-bit integers.
template <class T>
void gemm(const MatrixView<const T>& a, const MatrixView<const T>& b, const MatrixView<T>& c,
          bool accumulate = false, std::int64_t batch = 1);

}  // namespace weft
