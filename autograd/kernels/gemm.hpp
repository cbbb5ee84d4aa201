#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

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
/// the number of threads. Throws Error if sizes do not fit or exceed BLAS's 32-bit integers.
template <class T>
void gemm(const MatrixView<const T>& a, const MatrixView<const T>& b, const MatrixView<T>& c,
          bool accumulate = false, std::int64_t batch = 1);

/// A product without its elements: [m, k] @ [k, n], `batch` times.
struct GemmShape {
  std::int64_t m;      ///< rows of the result
  std::int64_t n;      ///< columns of the result
  std::int64_t k;      ///< what is summed over
  bool transposed_a;   ///< as in MatrixView
  bool transposed_b;   ///< likewise
  bool accumulate;     ///< added to what is there
  std::int64_t batch;  ///< how many there are

  /// In order of their sizes.
  auto operator<=>(const GemmShape&) const = default;  // NOLINT(modernize-use-nullptr): no pointer
};

/// Notes the products that its thread asks for, as long as it lives; the youngest one notes.
class GemmLog {
 public:
  GemmLog();
  ~GemmLog();
  GemmLog(const GemmLog&) = delete;
  GemmLog& operator=(const GemmLog&) = delete;

  /// Every product so far, in their order.
  const std::vector<GemmShape>& shapes() const { return shapes_; }
  /// Called for every product, whatever kernel computes it.
  static void note(const GemmShape& shape);

 private:
  GemmLog* outer_;
  std::vector<GemmShape> shapes_;
};

/// The name of the kernels that BLAS chose for this CPU, such as "Haswell"; empty if it has none.
std::string blas_core();

}  // namespace weft
