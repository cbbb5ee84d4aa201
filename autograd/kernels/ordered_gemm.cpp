#include "autograd/kernels/ordered_gemm.hpp"

#include <algorithm>

#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/tensor.hpp"

// A blocked product on the kernel for packed weights (vector.inc). The summed index is cut into
// blocks whose panels stay in the L1 cache; between two blocks the partial sums are stored and
// loaded, which changes neither their order nor their bits.
namespace weft::kernels {
namespace {

constexpr std::int64_t kDepth = 256;          // of a block of the summed index
constexpr std::int64_t kRowsTogether = 192;   // of a, so that their block stays in the L2 cache
constexpr std::int64_t kPanelsTogether = 4;   // of b, for each task
constexpr std::int64_t kWorkPerElement = 32;  // products that take as long as touching an element

/// Rows of a block of a, each contiguous.
template <class T>
struct Rows {
  const T* data;
  std::int64_t ld;
};

/// The block [rows, depth) of a that starts at column k; copied to `copy` if a is transposed.
template <class T>
Rows<T> rows_of(const MatrixView<const T>& a, std::int64_t k, std::int64_t depth, T* copy) {
  if (!a.transposed) {
    return {a.data + k, a.ld};
  }
  parallel_for((a.rows + 15) / 16, a.rows * depth, [=](std::int64_t begin, std::int64_t end) {
    const std::int64_t last = std::min(end * 16, a.rows);
    for (std::int64_t first = begin * 16; first < last; first += 16) {
      const std::int64_t count = std::min<std::int64_t>(16, last - first);
      for (std::int64_t j = 0; j < depth; ++j) {
        const T* const from = a.data + (k + j) * a.ld + first;
        for (std::int64_t r = 0; r < count; ++r) {
          copy[(first + r) * depth + j] = from[r];
        }
      }
    }
  });
  return {copy, depth};
}

/// Packs the block of b that starts at row k into panels.
template <class T>
void pack(const VectorKernels<T>& kernels, const MatrixView<const T>& b, std::int64_t k,
          std::int64_t depth, T* panels) {
  const std::int64_t panel = kernels.panel;
  const std::int64_t row = b.transposed ? b.ld : 1;  // from one column of b to the next
  const std::int64_t column = b.transposed ? 1 : b.ld;
  const T* const first = b.data + k * column;
  parallel_for((b.cols + panel - 1) / panel, b.cols * depth,
               [=, &kernels, n = b.cols](std::int64_t begin, std::int64_t end) {
                 const std::int64_t o = begin * panel;
                 kernels.pack(first + o * row, std::min(end * panel, n) - o, depth, row, column,
                              panels + o * depth);
               });
}

/// c = start + (rows of a) (panels of b), in tasks of some rows and some panels.
template <class T>
void multiply(const VectorKernels<T>& kernels, const Rows<T>& a, const T* panels, bool add,
              std::int64_t depth, const MatrixView<T>& c) {
  const std::int64_t width = kPanelsTogether * kernels.panel;
  const std::int64_t strips = (c.cols + width - 1) / width;
  const std::int64_t bands = (c.rows + kRowsTogether - 1) / kRowsTogether;
  parallel_for(strips * bands, c.rows * c.cols * depth / kWorkPerElement,
               [=, &kernels](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t task = begin; task < end; ++task) {
                   const std::int64_t row = task / strips * kRowsTogether;
                   const std::int64_t column = task % strips * width;
                   T* const to = c.data + row * c.ld + column;
                   kernels.packed_products(a.data + row * a.ld, a.ld,
                                           std::min(kRowsTogether, c.rows - row),
                                           panels + column * depth, add ? to : nullptr, c.ld,
                                           std::min(width, c.cols - column), depth, to, c.ld);
                 }
               });
}

}  // namespace

template <class T>
void ordered_gemm(const MatrixView<const T>& a, const MatrixView<const T>& b,
                  const MatrixView<T>& c, bool accumulate, std::int64_t batch) {
  const VectorKernels<T>& kernels = vector_kernels<T>();
  const std::int64_t most = std::min(kDepth, a.cols);
  const std::int64_t columns = (b.cols + kernels.panel - 1) / kernels.panel * kernels.panel;
  Tensor panels = empty({columns, most}, dtype_of<T>());
  Tensor copy = empty({a.transposed ? a.rows : 0, most}, dtype_of<T>());
  T* const packed = panels.mutable_data<T>().data();
  T* const turned = copy.mutable_data<T>().data();
  for (std::int64_t i = 0; i < batch; ++i) {
    MatrixView<const T> x = a;
    MatrixView<const T> y = b;
    MatrixView<T> z = c;
    x.data += i * a.batch_stride;
    y.data += i * b.batch_stride;
    z.data += i * c.batch_stride;
    for (std::int64_t k = 0; k < a.cols; k += kDepth) {
      const std::int64_t depth = std::min(kDepth, a.cols - k);
      pack(kernels, y, k, depth, packed);
      multiply(kernels, rows_of(x, k, depth, turned), packed, accumulate || k > 0, depth, z);
    }
  }
}

template void ordered_gemm<float>(const MatrixView<const float>&, const MatrixView<const float>&,
                                  const MatrixView<float>&, bool, std::int64_t);
template void ordered_gemm<double>(const MatrixView<const double>&, const MatrixView<const double>&,
                                   const MatrixView<double>&, bool, std::int64_t);

}  // namespace weft::kernels
