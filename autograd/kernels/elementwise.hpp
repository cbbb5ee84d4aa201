#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <type_traits>

#include "autograd/kernels/parallel.hpp"
#include "autograd/shape.hpp"

/// Loops over raw spans, independent of autograd.
namespace weft::kernels {

/// y[i] = f(x[i])
template <class X, class Y, class F>
void map(std::span<const X> x, std::span<Y> y, F f) {
  const auto n = static_cast<std::int64_t>(x.size());
  parallel_for(n, n, [x = x.data(), y = y.data(), f](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      y[i] = f(x[i]);
    }
  });
}

/// c ? a : b without a branch, which the processor would often predict wrongly.
template <class T>
T select(bool c, T a, T b) {
  using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t,
                                  std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint8_t>>;
  const auto mask = static_cast<Bits>(0 - static_cast<Bits>(c));
  return std::bit_cast<T>(static_cast<Bits>((std::bit_cast<Bits>(a) & mask) |
                                            (std::bit_cast<Bits>(b) & static_cast<Bits>(~mask))));
}

/// Fetches the start of a row of n elements, which the processor would not guess to come next: one
/// that stands apart, or the one behind a row that is read backwards.
template <class T>
void prefetch(const T* row, std::int64_t n) {
  constexpr std::int64_t kLine = 64 / sizeof(T);
  constexpr std::int64_t kMost = 64 * kLine;
  for (std::int64_t i = 0; i < std::min(n, kMost); i += kLine) {
    __builtin_prefetch(row + i);
  }
}

/// y[i] += x[i]
template <class T>
void add_into(std::span<const T> x, std::span<T> y) {
  const auto n = static_cast<std::int64_t>(x.size());
  parallel_for(n, n, [x = x.data(), y = y.data()](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      y[i] += x[i];
    }
  });
}

/// How N operands are read to fill a result of one shape: in rows of `inner` elements, along which
/// an operand advances by 1 or not at all (step 0).
template <std::size_t N>
class BroadcastPlan {
 public:
  /// Plans the broadcast of `operands` to `result`.
  BroadcastPlan(const Shape& result, const std::array<Shape, N>& operands) {
    std::array<std::int64_t, N> stride{};
    stride.fill(1);
    for (std::size_t i = 0; i < result.size(); ++i) {  // from the last dimension outwards
      Dim dim{result[result.size() - 1 - i], {}};
      for (std::size_t k = 0; k < N; ++k) {
        const Shape& shape = operands[k];
        const std::int64_t size = i < shape.size() ? shape[shape.size() - 1 - i] : 1;
        dim.stride[k] = size == 1 ? 0 : stride[k];  // stretched: read again
        stride[k] *= size;
      }
      append(dim);
    }
    if (!dims_.empty()) {
      inner_ = dims_.front().size;
      step_ = dims_.front().stride;
      dims_.erase(dims_.begin());
    }
  }

  /// Elements per row.
  std::int64_t inner() const { return inner_; }
  /// The step of each operand from one element of a row to the next: 0 or 1.
  const std::array<std::int64_t, N>& step() const { return step_; }

  /// Offset of the first element of each operand for row `row` of the result.
  std::array<std::int64_t, N> offsets(std::int64_t row) const {
    std::array<std::int64_t, N> offset{};
    for (const Dim& dim : dims_) {
      const std::int64_t index = row % dim.size;
      row /= dim.size;
      for (std::size_t k = 0; k < N; ++k) {
        offset[k] += index * dim.stride[k];
      }
    }
    return offset;
  }

 private:
  struct Dim {
    std::int64_t size;
    std::array<std::int64_t, N> stride;
  };

  /// Adds the next outer dimension; merges it into the previous one if every operand allows it.
  void append(const Dim& dim) {
    if (dim.size == 1) {
      return;
    }
    if (!dims_.empty()) {
      Dim& last = dims_.back();
      bool mergeable = true;
      for (std::size_t k = 0; k < N; ++k) {
        mergeable = mergeable && dim.stride[k] == last.stride[k] * last.size;
      }
      if (mergeable) {
        last.size *= dim.size;
        return;
      }
    }
    dims_.push_back(dim);
  }

  std::vector<Dim> dims_;  // innermost first
  std::int64_t inner_ = 1;
  std::array<std::int64_t, N> step_{};
};

namespace detail {

/// f(step as a constant) for a step of 0 or 1.
template <class F>
void with_step(std::int64_t step, F f) {
  if (step == 0) {
    f(std::integral_constant<std::int64_t, 0>());
  } else {
    f(std::integral_constant<std::int64_t, 1>());
  }
}

/// out[i] = f(x[i dx], z[i dz]) for steps 0 or 1; each case is a separate loop that vectorizes.
template <class A, class B, class Y, class F>
void zip_row(const A* x, std::int64_t dx, const B* z, std::int64_t dz, Y* out, std::int64_t n,
             F f) {
  with_step(dx, [&](auto step_x) {
    with_step(dz, [&](auto step_z) {
#pragma omp simd
      for (std::int64_t i = 0; i < n; ++i) {
        out[i] = f(x[i * step_x], z[i * step_z]);
      }
    });
  });
}

}  // namespace detail

/// y = f(a, b) with broadcasting; `y` has the broadcast shape.
template <class A, class B, class Y, class F>
void zip(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, Y* y,
         const Shape& y_shape, F f) {
  const std::int64_t total = numel(y_shape);
  if (total == 0) {
    return;
  }
  const BroadcastPlan<2> plan(y_shape, {a_shape, b_shape});
  const std::int64_t inner = plan.inner();
  const std::int64_t da = plan.step()[0];
  const std::int64_t db = plan.step()[1];
  if (inner == total) {  // a single row: split it instead
    parallel_for(total, total, [=](std::int64_t begin, std::int64_t end) {
      detail::zip_row(a + begin * da, da, b + begin * db, db, y + begin, end - begin, f);
    });
    return;
  }
  parallel_for(total / inner, total, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::array<std::int64_t, 2> start = plan.offsets(row);
      detail::zip_row(a + start[0], da, b + start[1], db, y + row * inner, inner, f);
    }
  });
}

/// y = f(a, b, c) with broadcasting; `y` has the broadcast shape.
template <class A, class B, class C, class Y, class F>
void zip3(const A* a, const Shape& a_shape, const B* b, const Shape& b_shape, const C* c,
          const Shape& c_shape, Y* y, const Shape& y_shape, F f) {
  const std::int64_t total = numel(y_shape);
  if (total == 0) {
    return;
  }
  const BroadcastPlan<3> plan(y_shape, {a_shape, b_shape, c_shape});
  const std::int64_t inner = plan.inner();
  const std::array<std::int64_t, 3> step = plan.step();
  // Steps that are known when this is compiled let the loop be vectorized.
  const auto fill = [&](const std::array<std::int64_t, 3>& start, Y* out, std::int64_t begin,
                        std::int64_t end) {
    detail::with_step(step[0], [&](auto da) {
      detail::with_step(step[1], [&](auto db) {
        detail::with_step(step[2], [&](auto dc) {
          const A* const u = a + start[0];
          const B* const v = b + start[1];
          const C* const w = c + start[2];
#pragma omp simd
          for (std::int64_t i = begin; i < end; ++i) {
            out[i] = f(u[i * da], v[i * db], w[i * dc]);
          }
        });
      });
    });
  };
  if (inner == total) {  // a single row: split it instead
    parallel_for(total, total,
                 [&](std::int64_t begin, std::int64_t end) { fill({}, y, begin, end); });
    return;
  }
  parallel_for(total / inner, total, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      fill(plan.offsets(row), y + row * inner, 0, inner);
    }
  });
}

}  // namespace weft::kernels
