#include "autograd/kernels/ordered_gemm.hpp"

#include <algorithm>

#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/kernels/workspace.hpp"
#include "autograd/tensor.hpp"

// A blocked product on the kernel for packed weights (vector.inc). All of b is packed, in blocks of
// the summed index whose panels stay in the L1 cache. A task takes some rows of a, which stay in
// the L2 cache, through all blocks; between two blocks the partial sums are stored and loaded,
// which changes neither their order nor their bits.
namespace weft::kernels {
namespace {

constexpr std::int64_t kDepth = 256;         // of a block of the summed index
constexpr std::int64_t kRowsTogether = 192;  // of a task
constexpr std::int64_t kPanelsTogether = 4;  // columns of a task are a multiple of so many panels
constexpr std::int64_t kTasks = 16;          // at least, if the result is large enough
constexpr std::int64_t kTasksThatTurn = 4;   // where each task of some rows must transpose them

std::int64_t divided(std::int64_t n, std::int64_t by) { return (n + by - 1) / by; }

/// One product c (+)= a b, with b packed.
template <class T>
class Product {
 public:
  Product(const MatrixView<const T>& a, const MatrixView<const T>& b, const MatrixView<T>& c,
          bool accumulate, Tensor& panels)
      : a_(a),
        b_(b),
        c_(c),
        accumulate_(accumulate),
        panels_(panels.mutable_data<T>().data()),
        bands_(divided(c.rows, kRowsTogether)),
        groups_(std::clamp<std::int64_t>(divided(a.transposed ? kTasksThatTurn : kTasks, bands_), 1,
                                         strips())),
        width_(divided(strips(), groups_) * strip()) {}

  /// The shape of the tensor that holds the panels.
  static Shape panels_shape(const MatrixView<const T>& b) {
    const std::int64_t panel = vector_kernels<T>().panel;
    return {b.rows, divided(b.cols, panel) * panel};
  }

  void run() {
    pack();
    parallel_for(bands_ * groups_, c_.rows * c_.cols * a_.cols / kProductsPerElement,
                 [this](std::int64_t begin, std::int64_t end) {
                   const std::int64_t copied =
                       std::min(kRowsTogether, c_.rows) * std::min(kDepth, a_.cols);
                   const Workspace<T> copy(a_.transposed ? copied : 0);
                   for (std::int64_t task = begin; task < end; ++task) {
                     multiply(task / groups_ * kRowsTogether, task % groups_ * width_, copy.data());
                   }
                 });
  }

 private:
  std::int64_t strip() const { return kPanelsTogether * kernels_.panel; }
  std::int64_t strips() const { return divided(c_.cols, strip()); }

  /// The panels of the block of depth that starts at k, from column `column` on.
  T* panels(std::int64_t k, std::int64_t column) const {
    const std::int64_t columns = divided(b_.cols, kernels_.panel) * kernels_.panel;
    return panels_ + k * columns + column * std::min(kDepth, b_.rows - k);
  }

  void pack() const {
    const std::int64_t row = b_.transposed ? b_.ld : 1;  // from one column of b to the next
    const std::int64_t column = b_.transposed ? 1 : b_.ld;
    const std::int64_t count = divided(b_.cols, kernels_.panel);
    const std::int64_t blocks = divided(b_.rows, kDepth);
    parallel_for(
        count * blocks, b_.cols * b_.rows, [=, this](std::int64_t begin, std::int64_t end) {
          for (std::int64_t job = begin; job < end; ++job) {
            const std::int64_t k = job / count * kDepth;
            const std::int64_t o = job % count * kernels_.panel;
            kernels_.pack(b_.data + o * row + k * column, std::min(kernels_.panel, b_.cols - o),
                          std::min(kDepth, b_.rows - k), row, column, panels(k, o));
          }
        });
  }

  /// The rows of c from `row` on and its columns from `column` on that are one task.
  void multiply(std::int64_t row, std::int64_t column, T* copy) const {
    const std::int64_t rows = std::min(kRowsTogether, c_.rows - row);
    const std::int64_t columns = std::min(width_, c_.cols - column);
    T* const to = c_.data + row * c_.ld + column;
    for (std::int64_t k = 0; k < a_.cols && columns > 0; k += kDepth) {
      const std::int64_t depth = std::min(kDepth, a_.cols - k);
      const T* from = a_.data + row * a_.ld + k;
      if (a_.transposed) {
        kernels_.transpose(a_.data + k * a_.ld + row, depth, a_.ld, rows, copy, depth);
        from = copy;
      }
      kernels_.packed_products(from, a_.transposed ? depth : a_.ld, rows, panels(k, column),
                               accumulate_ || k > 0 ? to : nullptr, c_.ld, columns, depth, to,
                               c_.ld);
    }
  }

  const VectorKernels<T>& kernels_ = vector_kernels<T>();
  MatrixView<const T> a_;
  MatrixView<const T> b_;
  MatrixView<T> c_;
  bool accumulate_;
  T* panels_;            // [blocks of depth, panels of b, depth, panel]
  std::int64_t bands_;   // of rows
  std::int64_t groups_;  // of columns
  std::int64_t width_;   // of a group
};

}  // namespace

template <class T>
void ordered_gemm(const MatrixView<const T>& a, const MatrixView<const T>& b,
                  const MatrixView<T>& c, bool accumulate, std::int64_t batch) {
  // Threads share a few matrices, or take some of many each.
  const std::int64_t work =
      batch < kTasks ? 0 : batch * c.rows * c.cols * a.cols / kProductsPerElement;
  parallel_for(batch, work, [&](std::int64_t begin, std::int64_t end) {
    Tensor panels = empty(Product<T>::panels_shape(b), dtype_of<T>());
    for (std::int64_t i = begin; i < end; ++i) {
      Product<T>(a.matrix(i), b.matrix(i), c.matrix(i), accumulate, panels).run();
    }
  });
}

template void ordered_gemm<float>(const MatrixView<const float>&, const MatrixView<const float>&,
                                  const MatrixView<float>&, bool, std::int64_t);
template void ordered_gemm<double>(const MatrixView<const double>&, const MatrixView<const double>&,
                                   const MatrixView<double>&, bool, std::int64_t);

}  // namespace weft::kernels
