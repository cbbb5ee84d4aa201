#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "autograd/kernels/math.hpp"
#include "autograd/kernels/vector.hpp"

/// Softmax over rows and columns; the largest element is subtracted first so that exp cannot
/// overflow.
namespace weft::kernels {

/// ln sum_i e^x_i as the largest x plus the rest. The two are kept separate: if their magnitudes
/// differ greatly, their sum would round the rest away, but x_i - largest is exact near the
/// largest.
template <class T>
struct LogSumExp {
  T largest;  ///< the largest x
  T rest;     ///< ln sum_i e^(x_i - largest)

  /// ln of the softmax at an element x.
  T log_probability(T x) const { return (x - largest) - rest; }
};

/// The LogSumExp of x[0], x[stride], ..., x[(size - 1) stride]: a column of a block.
template <class T>
LogSumExp<T> column_logsumexp(const T* x, std::int64_t size, std::int64_t stride) {
  T largest = -std::numeric_limits<T>::infinity();
  for (std::int64_t r = 0; r < size; ++r) {
    largest = std::max(largest, x[r * stride]);
  }
  T total = 0;
  for (std::int64_t r = 0; r < size; ++r) {
    // An infinity minus itself would be NaN; the whole sum is in `largest` then.
    total += x[r * stride] == largest ? T{1} : exp(x[r * stride] - largest);
  }
  return {largest, std::isinf(largest) && !std::isnan(total) ? T{0} : log(total)};
}

/// The LogSumExp of one row. The caller passes the kernels, which it selects outside any parallel
/// loop: an unknown WEFT_ISA throws there, and an exception could not leave the loop.
template <class T>
LogSumExp<T> logsumexp(const VectorKernels<T>& kernels, const T* x, std::int64_t n) {
  T sum = 0;
  const T largest = kernels.sum_exp(x, n, sum);
  return std::isinf(largest) ? column_logsumexp(x, n, 1) : LogSumExp<T>{largest, log(sum)};
}

/// y[i] = ln of the softmax of one row.
template <class T>
void log_softmax_row(const VectorKernels<T>& kernels, const T* x, T* y, std::int64_t n) {
  const LogSumExp<T> normalizer = logsumexp(kernels, x, n);
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) {
    y[i] = normalizer.log_probability(x[i]);
  }
}

/// Columns that softmax_columns and log_softmax_columns take side by side, at most.
inline constexpr std::int64_t kStripColumns = 256;

/// What both functions below start with: y[r, i] = x[r, i] - largest x of the column, and the sums
/// of e^y over each column. Rows are `stride` elements apart.
template <class T>
void subtract_largest(const VectorKernels<T>& kernels, const T* x, T* y, T* sums, std::int64_t size,
                      std::int64_t stride, std::int64_t columns) {
  const auto apply = [&](Primitive primitive, const T* a, const T* b, T* to) {
    kernels.primitives[static_cast<std::size_t>(primitive)](a, b, a, to, columns);
  };
  std::array<T, kStripColumns> largest;
  std::copy_n(x, columns, largest.begin());
  for (std::int64_t r = 1; r < size; ++r) {
    apply(Primitive::maximum, largest.data(), x + r * stride, largest.data());
  }
  std::array<T, kStripColumns> powers;
  std::fill_n(sums, columns, T{0});
  for (std::int64_t r = 0; r < size; ++r) {
    apply(Primitive::sub, x + r * stride, largest.data(), y + r * stride);
    apply(Primitive::exp, y + r * stride, nullptr, powers.data());
    apply(Primitive::add, sums, powers.data(), sums);
  }
}

/// y[r, i] = softmax over r of x[r, i] for up to kStripColumns columns of `size` rows, `stride`
/// elements apart.
template <class T>
void softmax_columns(const VectorKernels<T>& kernels, const T* x, T* y, std::int64_t size,
                     std::int64_t stride, std::int64_t columns) {
  std::array<T, kStripColumns> sums;
  subtract_largest(kernels, x, y, sums.data(), size, stride, columns);
  const auto exp = kernels.primitives[static_cast<std::size_t>(Primitive::exp)];
  const auto divide = kernels.primitives[static_cast<std::size_t>(Primitive::div)];
  for (T* row = y; row != y + size * stride; row += stride) {
    exp(row, nullptr, nullptr, row, columns);
    divide(row, sums.data(), nullptr, row, columns);
  }
}

/// The same for ln of the softmax.
template <class T>
void log_softmax_columns(const VectorKernels<T>& kernels, const T* x, T* y, std::int64_t size,
                         std::int64_t stride, std::int64_t columns) {
  std::array<T, kStripColumns> sums;
  subtract_largest(kernels, x, y, sums.data(), size, stride, columns);
  const auto log = kernels.primitives[static_cast<std::size_t>(Primitive::log)];
  const auto subtract = kernels.primitives[static_cast<std::size_t>(Primitive::sub)];
  log(sums.data(), nullptr, nullptr, sums.data(), columns);
  for (T* row = y; row != y + size * stride; row += stride) {
    subtract(row, sums.data(), nullptr, row, columns);
  }
}

}  // namespace weft::kernels
