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
/// stay neighbors are one. If the innermost one stays innermost, a job copies runs of elements,
/// otherwise it transposes a matrix, or a strip of one that is wide.
class Permutation {
 public:
  /// Dimension i of the result is dims[i] of `shape`.
  Permutation(const Shape& shape, std::span<const std::int64_t> dims);

  /// The number of jobs; 0 if there are no elements.
  std::int64_t jobs() const { return jobs_; }

  /// Copies what job `job` copies from x to y.
  template <class T>
  void run(std::int64_t job, const T* x, T* y) const {
    const std::int64_t strip = job % strips_;
    job /= strips_;
    for (const Dim& dim : outer_) {
      x += job % dim.size * dim.from;
      y += job % dim.size * dim.to;
      job /= dim.size;
    }
    if (inner_.from == 1) {
      copy_runs(x, y);
    } else {
      transpose(x, y, strip * kStrip);
    }
  }

 private:
  static constexpr std::int64_t kStrip = 4 * kTransposeTile;  // columns of x of a job

  struct Dim {
    std::int64_t size;
    std::int64_t from;  // elements of x from one index to the next
    std::int64_t to;    // elements of y
  };

  template <class T>
  void copy_runs(const T* x, T* y) const {
    constexpr std::int64_t kShort = 16;  // where a call would take longer than the copy
    for (std::int64_t i = 0; i < across_.size; ++i, x += across_.from, y += across_.to) {
      if (inner_.size < kShort) {
        for (std::int64_t j = 0; j < inner_.size; ++j) {
          y[j] = x[j];
        }
      } else {
        std::copy_n(x, inner_.size, y);
      }
    }
  }

  /// Transposes the columns of x from `first` on that are a strip.
  template <class T>
  void transpose(const T* x, T* y, std::int64_t first) const {
    const std::int64_t last = std::min(first + kStrip, across_.size);
    for (std::int64_t j = first; j < last; j += kTransposeTile) {
      const std::int64_t columns = std::min(kTransposeTile, last - j);
      if constexpr (std::is_same_v<T, float>) {
        transpose_(x + j, inner_.size, inner_.from, columns, y + j * across_.to, across_.to);
      } else {
        transpose_strip(x + j, inner_.size, inner_.from, columns, y + j * across_.to, across_.to);
      }
    }
  }

  decltype(VectorKernels<float>::transpose) transpose_ = vector_kernels<float>().transpose;
  Dim inner_ = {1, 1, 1};   // innermost of y
  Dim across_ = {1, 1, 1};  // the other one of a job: the innermost of x, but for inner_
  std::vector<Dim> outer_;  // the others
  std::int64_t strips_ = 1;
  std::int64_t jobs_ = 0;
};

}  // namespace weft::kernels
