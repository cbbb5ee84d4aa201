#include "autograd/kernels/gemm.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/error.hpp"
#include "autograd/kernels/blas.hpp"
#include "autograd/kernels/blas_check.hpp"
#include "autograd/kernels/ordered_gemm.hpp"
#include "autograd/kernels/thread_pool.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/products.hpp"
#include "autograd/threads.hpp"

namespace weft {
namespace {

constexpr std::int64_t kTile = 256;            // columns or rows of the result
constexpr std::int64_t kTileAlignment = 16;    // a multiple of BLAS's register blocks
constexpr std::int64_t kSerialWork = 1 << 18;  // up to this, one thread is as fast as several
constexpr std::int64_t kFew = 16;              // rows or columns, for which weft packs too much

/// The block of a matrix that starts at (row, col).
template <class T>
MatrixView<T> block(const MatrixView<T>& x, std::int64_t row, std::int64_t col, std::int64_t rows,
                    std::int64_t cols) {
  T* const first = x.data + (x.transposed ? col * x.ld + row : row * x.ld + col);
  return {first, rows, cols, x.ld, x.transposed, x.batch_stride};
}

/// Size of the tiles along the longer side of the result.
std::int64_t tile_size(std::int64_t m, std::int64_t n, std::int64_t k) {
  const std::int64_t side = std::max(m, n);
  if (m * n * k <= kSerialWork) {
    return side;
  }
  const std::int64_t half = (side / 2 + kTileAlignment - 1) / kTileAlignment * kTileAlignment;
  return std::min(kTile, std::max(half, kTileAlignment));
}

template <class T>
void check(const MatrixView<const T>& a, const MatrixView<const T>& b, const MatrixView<T>& c) {
  if (a.rows != c.rows || b.cols != c.cols || a.cols != b.rows) {
    fail("gemm: sizes do not fit; got [{}, {}] @ [{}, {}] -> [{}, {}]", a.rows, a.cols, b.rows,
         b.cols, c.rows, c.cols);
  }
  const std::int64_t largest = std::max({c.rows, c.cols, a.cols, a.ld, b.ld, c.ld});
  if (largest > std::numeric_limits<int>::max()) {
    fail("gemm: a size exceeds BLAS's integers; got {}; expected at most {}", largest,
         std::numeric_limits<int>::max());
  }
}

/// Whether weft computes this product itself.
template <class T>
bool is_own(const MatrixView<T>& c) {
  static const bool wide = kernels::best_isa() != kernels::Isa::baseline;
  const bool faster = wide && std::is_same_v<T, float> && std::min(c.rows, c.cols) >= kFew;
  return products() == Products::own || (products() == Products::fastest && faster);
}

/// Runs tiles on all threads, once it is known that BLAS can be called by several at once.
void run_tiles(std::int64_t count, const std::function<void(std::int64_t)>& tile) {
  if (num_threads() > 1) {
    [[maybe_unused]] static const bool checked = (kernels::check_blas_threads(), true);
  }
  run_chunks(count, tile);
}

}  // namespace

template <class T>
void gemm(const MatrixView<const T>& a, const MatrixView<const T>& b, const MatrixView<T>& c,
          bool accumulate, std::int64_t batch) {
  check(a, b, c);
  GemmLog::note({c.rows, c.cols, a.cols, a.transposed, b.transposed, accumulate, batch});
  if (c.rows == 0 || c.cols == 0 || (accumulate && a.cols == 0)) {
    return;
  }
  if (is_own(c) && a.cols > 0) {
    kernels::ordered_gemm(a, b, c, accumulate, batch);
    return;
  }
  const std::int64_t tile = tile_size(c.rows, c.cols, a.cols);
  const bool by_columns = c.cols >= c.rows;
  const std::int64_t side = by_columns ? c.cols : c.rows;
  const std::int64_t tiles = (side + tile - 1) / tile;

  const auto run = [&](std::int64_t index) {
    const std::int64_t i = index / tiles;  // which matrix of the batch
    const std::int64_t start = index % tiles * tile;
    const std::int64_t size = std::min(tile, side - start);
    const MatrixView<const T> x = a.matrix(i);
    const MatrixView<const T> y = b.matrix(i);
    const MatrixView<T> z = c.matrix(i);
    if (a.cols == 0) {
      for (std::int64_t row = 0; row < c.rows; ++row) {
        std::fill_n(z.data + row * c.ld, c.cols, T{0});
      }
    } else if (by_columns) {
      kernels::blas_product(x, block(y, 0, start, y.rows, size), block(z, 0, start, z.rows, size),
                            accumulate);
    } else {
      kernels::blas_product(block(x, start, 0, size, x.cols), y, block(z, start, 0, size, z.cols),
                            accumulate);
    }
  };
  const std::int64_t count = batch * tiles;
  if (batch * c.rows * c.cols * a.cols > kSerialWork) {
    run_tiles(count, std::ref(run));
  } else {
    for (std::int64_t index = 0; index < count; ++index) {
      run(index);
    }
  }
}

namespace {
thread_local GemmLog* current_log = nullptr;
}

GemmLog::GemmLog() : outer_(std::exchange(current_log, this)) {}
GemmLog::~GemmLog() { current_log = outer_; }

void GemmLog::note(const GemmShape& shape) {
  if (current_log != nullptr) {
    current_log->shapes_.push_back(shape);
  }
}

template void gemm<float>(const MatrixView<const float>&, const MatrixView<const float>&,
                          const MatrixView<float>&, bool, std::int64_t);
template void gemm<double>(const MatrixView<const double>&, const MatrixView<const double>&,
                           const MatrixView<double>&, bool, std::int64_t);

}  // namespace weft
