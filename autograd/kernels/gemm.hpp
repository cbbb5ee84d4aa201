#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace weft {

/// A matrix in place, or a batch of them: `rows` x `cols` elements of a row-major array with
/// leading dimension `ld`; matrix i of a batch starts at offset `batch_stride` * i. If
/// `transposed`, the array holds the transpose (`cols` x `rows`).
template <class T>
struct MatrixView {
  T* data;                        ///< the first element
  std::int64_t rows;              ///< of the matrix, after transposition
  std::int64_t cols;              ///< likewise
  std::int64_t ld;                ///< elements from one row of the array to the next
  bool transposed = false;        ///< whether the array holds the transpose
  std::int64_t batch_stride = 0;  ///< elements from one matrix of a batch to the next

  /// Matrix i of the batch.
  MatrixView matrix(std::int64_t i) const {
    return {data + i * batch_stride, rows, cols, ld, transposed, batch_stride};
  }
};

/// c = a b, or c += a b if `accumulate`, for each of `batch` matrices; c is not transposed. The
/// product is divided into tiles that depend only on its shape, so the result does not depend on
/// the number of threads. Weft or BLAS computes it, by the choice in products.hpp. Throws Error if
/// the sizes do not match or exceed BLAS's 32-bit integers.
template <class T>
void gemm(const MatrixView<const T>& a, const MatrixView<const T>& b, const MatrixView<T>& c,
          bool accumulate = false, std::int64_t batch = 1);

/// The shape of a product: [m, k] @ [k, n], `batch` times.
struct GemmShape {
  std::int64_t m;      ///< rows of the result
  std::int64_t n;      ///< columns of the result
  std::int64_t k;      ///< the summed dimension
  bool transposed_a;   ///< as in MatrixView
  bool transposed_b;   ///< likewise
  bool accumulate;     ///< added to the existing result
  std::int64_t batch;  ///< number of products

  /// Lexicographic order of the fields.
  auto operator<=>(const GemmShape&) const = default;  // NOLINT(modernize-use-nullptr): no pointer
};

/// Records the products that its thread computes, as long as it exists; the newest log records.
class GemmLog {
 public:
  GemmLog();
  ~GemmLog();
  GemmLog(const GemmLog&) = delete;
  GemmLog& operator=(const GemmLog&) = delete;

  /// All products so far, in order.
  const std::vector<GemmShape>& shapes() const { return shapes_; }
  /// Called for every product, whichever kernel computes it.
  static void note(const GemmShape& shape);

 private:
  GemmLog* outer_;
  std::vector<GemmShape> shapes_;
};

/// The name of the kernels that BLAS chose for this CPU, such as "Haswell"; empty if it reports
/// none.
std::string blas_core();

}  // namespace weft
