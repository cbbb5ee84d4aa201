#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "autograd/kernels/vector.hpp"
#include "autograd/shape.hpp"

namespace weft::kernels {

/// The side of the squares that a transposition moves: a cache line of float.
inline constexpr std::int64_t kTransposeTile = 16;

/// y[c, r] = x[r, c] for `rows` rows and at most kTransposeTile columns; the rows of x are `stride`
/// elements apart, those of y `y_stride`. Square by square, so that every cache line is read and
/// written whole.
template <class T>
void transpose_strip(const T* x, std::int64_t rows, std::int64_t stride, std::int64_t columns, T* y,
                     std::int64_t y_stride) {
  constexpr std::int64_t kTile = kTransposeTile;
  std::array<T, kTile * kTile> tile;
  for (std::int64_t i = 0; i < rows; i += kTile) {
    const std::int64_t height = std::min(kTile, rows - i);
    for (std::int64_t r = 0; r < height; ++r) {
      for (std::int64_t c = 0; c < columns; ++c) {
        tile[static_cast<std::size_t>(c * kTile + r)] = x[(i + r) * stride + c];
      }
    }
    for (std::int64_t c = 0; c < columns; ++c) {
      std::copy_n(tile.begin() + c * kTile, height, y + c * y_stride + i);
    }
  }
}

/// How to copy an array with its dimensions in another order, as independent jobs. Dimensions that
/// stay neighbors are one. If the innermost one stays innermost, a job copies a run of elements,
/// otherwise it transposes a strip of a matrix.
class Permutation {
 public:
  /// Dimension i of the result is dims[i] of `shape`.
  Permutation(const Shape& shape, std::span<const std::int64_t> dims);

  /// The number of jobs; 0 if there are no elements.
  std::int64_t jobs() const { return jobs_; }

  /// Copies what job `job` copies from x to y.
  template <class T>
  void run(std::int64_t job, const T* x, T* y) const {
    const std::int64_t strip = job % strips_ * kTransposeTile;
    job /= strips_;
    for (const Dim& dim : outer_) {
      x += job % dim.size * dim.from;
      y += job % dim.size * dim.to;
      job /= dim.size;
    }
    const std::int64_t columns = std::min(kTransposeTile, across_.size - strip);
    if (inner_.from == 1) {
      std::copy_n(x, inner_.size, y);
    } else if constexpr (std::is_same_v<T, float>) {
      transpose_(x + strip, inner_.size, inner_.from, columns, y + strip * across_.to, across_.to);
    } else {
      transpose_strip(x + strip, inner_.size, inner_.from, columns, y + strip * across_.to,
                      across_.to);
    }
  }

 private:
  struct Dim {
    std::int64_t size;
    std::int64_t from;  // elements of x from one index to the next
    std::int64_t to;    // elements of y
  };

  decltype(VectorKernels<float>::transpose) transpose_ = vector_kernels<float>().transpose;
  Dim inner_ = {1, 1, 1};   // innermost of y
  Dim across_ = {1, 1, 1};  // innermost of x, if that is another one
  std::vector<Dim> outer_;  // the others
  std::int64_t strips_ = 1;
  std::int64_t jobs_ = 0;
};

}  // namespace weft::kernels
