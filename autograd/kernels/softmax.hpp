#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "autograd/kernels/math.hpp"
#include "autograd/kernels/vector.hpp"

/// Softmax over rows; the largest element is subtracted first so that exp cannot overflow.
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
  return {largest, std::isinf(largest) && !std::isnan(total) ? T{0} : std::log(total)};
}

/// The LogSumExp of one row. The caller passes the kernels, which it selects outside any parallel
/// loop: an unknown WEFT_ISA throws there, and an exception could not leave the loop.
template <class T>
LogSumExp<T> logsumexp(const VectorKernels<T>& kernels, const T* x, std::int64_t n) {
  T sum = 0;
  const T largest = kernels.sum_exp(x, n, sum);
  return std::isinf(largest) ? column_logsumexp(x, n, 1) : LogSumExp<T>{largest, std::log(sum)};
}

/// y[r, i] = softmax over r of x[r, i] for each column i of a block [size, inner].
template <class T>
void softmax_columns(const T* x, T* y, std::int64_t size, std::int64_t inner) {
  for (std::int64_t i = 0; i < inner; ++i) {
    T largest = -std::numeric_limits<T>::infinity();
    for (std::int64_t r = 0; r < size; ++r) {
      largest = std::max(largest, x[r * inner + i]);
    }
    T total = 0;
    for (std::int64_t r = 0; r < size; ++r) {
      const T e = exp(x[r * inner + i] - largest);
      y[r * inner + i] = e;
      total += e;
    }
    for (std::int64_t r = 0; r < size; ++r) {
      y[r * inner + i] /= total;
    }
  }
}

/// y[r, i] = ln of the softmax over r of x[r, i] for each column i of a block [size, inner].
template <class T>
void log_softmax_columns(const T* x, T* y, std::int64_t size, std::int64_t inner) {
  for (std::int64_t i = 0; i < inner; ++i) {
    const LogSumExp<T> normalizer = column_logsumexp(x + i, size, inner);
    for (std::int64_t r = 0; r < size; ++r) {
      y[r * inner + i] = normalizer.log_probability(x[r * inner + i]);
    }
  }
}

}  // namespace weft::kernels
