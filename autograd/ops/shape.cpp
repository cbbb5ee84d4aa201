#include <algorithm>
#include <array>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"
#include "autograd/tensor_body.hpp"

/// Ops that rearrange or reshape elements.
namespace weft {
namespace {

/// x [outer, rows, middle, cols, inner], whose dimensions rows and cols are to be swapped.
struct Swap {
  std::int64_t outer, rows, middle, cols, inner;

  Swap(const Shape& shape, std::int64_t a, std::int64_t b)
      : outer(ops::split_at(shape, a).outer),
        rows(shape[static_cast<std::size_t>(a)]),
        middle(numel({shape.begin() + a + 1, shape.begin() + b})),
        cols(shape[static_cast<std::size_t>(b)]),
        inner(ops::split_at(shape, b).inner) {}
  std::int64_t size() const { return outer * rows * middle * cols * inner; }
};

/// The side of the squares that `transpose_strip` moves: a cache line of float.
constexpr std::int64_t kTile = 16;

/// Transposes `width` columns of x, `rows` rows that are `stride` apart, to rows of y that are
/// `y_stride` apart: square by square, so that every cache line is read and written whole.
template <class T>
void transpose_strip(const T* x, std::int64_t rows, std::int64_t stride, std::int64_t width, T* y,
                     std::int64_t y_stride) {
  std::array<T, kTile * kTile> tile;
  for (std::int64_t i = 0; i < rows; i += kTile) {
    const std::int64_t height = std::min(kTile, rows - i);
    for (std::int64_t r = 0; r < height; ++r) {
      for (std::int64_t c = 0; c < width; ++c) {
        tile[static_cast<std::size_t>(c * kTile + r)] = x[(i + r) * stride + c];
      }
    }
    for (std::int64_t c = 0; c < width; ++c) {
      std::copy_n(tile.begin() + c * kTile, height, y + c * y_stride + i);
    }
  }
}

/// Swaps single elements: every [rows, cols] by tiles.
template <class T>
void transpose_elements(const T* x, T* y, const Swap& s) {
  const std::int64_t strips = (s.cols + kTile - 1) / kTile;
  parallel_for(s.outer * s.middle * strips, s.size(), [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t j = job % strips * kTile;
      const std::int64_t m = job / strips % s.middle;
      const std::int64_t o = job / strips / s.middle;
      const T* const from = x + (o * s.rows * s.middle + m) * s.cols + j;
      T* const to = y + ((o * s.cols + j) * s.middle + m) * s.rows;
      transpose_strip(from, s.rows, s.middle * s.cols, std::min(kTile, s.cols - j), to,
                      s.middle * s.rows);
    }
  });
}

/// Swaps runs of `inner` elements.
template <class T>
void transpose_runs(const T* x, T* y, const Swap& s) {
  parallel_for(s.outer * s.rows, s.size(), [=](std::int64_t begin, std::int64_t end) {
    const T* from = x + begin * s.middle * s.cols * s.inner;
    for (std::int64_t row = begin; row < end; ++row) {
      for (std::int64_t m = 0; m < s.middle; ++m) {
        for (std::int64_t j = 0; j < s.cols; ++j, from += s.inner) {
          const std::int64_t o = row / s.rows;
          const std::int64_t place = ((o * s.cols + j) * s.middle + m) * s.rows + row % s.rows;
          std::copy_n(from, s.inner, y + place * s.inner);
        }
      }
    }
  });
}

}  // namespace

// y = x in a buffer of its own;  dx = g
namespace {
const Op clone_op("clone",
                  [](Sampler& s) -> Sample {
                    return {{s.normal(s.shape())}, [](const auto& x) { return x[0].clone(); }};
                  },
                  {{[] { Tensor().clone(); },
                    "tensor: undefined; expected a tensor with elements; hint: "
                    "default-constructed?"}});
}
Tensor Tensor::clone() const {
  Tensor y = empty(shape(), dtype());
  y.copy_(detach());
  return record(clone_op, {*this}, y,
                [](const Backward& backward) -> Gradients { return {backward.grad()}; });
}

// y = x with another shape;  dx = g with the shape of x
namespace {
const Op reshape_op(
    "reshape",
    [](Sampler& s) -> Sample {
      const Shape shape = s.nonempty_shape();
      Shape flat = {s.coin() ? -1 : numel(shape)};
      flat.insert(s.coin() ? flat.begin() : flat.end(), 1);
      return {{s.normal(shape)}, [flat](const auto& x) { return reshape(x[0], flat); }};
    },
    {{[] {
        reshape(zeros({2, 3}), {4});
      },
      "reshape: number of elements differs; got [2, 3] to [4]"},
     {[] {
        reshape(zeros({2, 3}), {-1, -1});
      },
      "reshape: more than one size is left open; got [-1, -1]"},
     {[] {
        reshape(zeros({2, 3}), {-1, 4});
      },
      "reshape: number of elements differs; got [2, 3] to [-1, 4]"}});
}
Tensor reshape(const Tensor& x, const Shape& shape) {
  Shape sizes = shape;
  const auto open = std::ranges::find(sizes, -1);
  if (open != sizes.end()) {
    if (std::count(open, sizes.end(), -1) > 1) {
      fail("reshape: more than one size is left open; got {}", shape);
    }
    *open = 1;
    const std::int64_t rest = numel(sizes);
    *open = rest == 0 ? 0 : x.numel() / rest;
  }
  if (numel(sizes) != x.numel()) {
    fail("reshape: number of elements differs; got {} to {}", x.shape(), shape);
  }
  return record(reshape_op, {x}, detail::view(x, 0, sizes),
                [shape = x.shape()](const Backward& backward) -> Gradients {
                  return {reshape(backward.grad(), shape)};
                });
}

// y[.., j, .., i, ..] = x[.., i, .., j, ..];  dx = g transposed back
namespace {
const Op transpose_op(
    "transpose",
    [](Sampler& s) -> Sample {
      const Shape shape = s.shape(1, 4);
      const std::int64_t a = s.dim(shape);
      const std::int64_t b = s.dim(shape);
      return {{s.normal(shape)}, [a, b](const auto& x) { return transpose(x[0], a, b); }};
    },
    {{[] {
        transpose(zeros({2, 3}), 0, 2);
      },
      "transpose: dimension out of range; got 2; expected [-2, 2)"}});
}
Tensor transpose(const Tensor& x, std::int64_t dim0, std::int64_t dim1) {
  const std::int64_t a =
      std::min(wrap_dim("transpose", dim0, x.dim()), wrap_dim("transpose", dim1, x.dim()));
  const std::int64_t b =
      std::max(wrap_dim("transpose", dim0, x.dim()), wrap_dim("transpose", dim1, x.dim()));
  Shape shape = x.shape();
  std::swap(shape[static_cast<std::size_t>(a)], shape[static_cast<std::size_t>(b)]);
  Tensor y = empty(shape, x.dtype());
  if (a == b) {
    y.copy_(x.detach());
  } else {
    dispatch_all("transpose", x.dtype(), [&]<class T>() {
      const Swap swap(x.shape(), a, b);
      const auto move = swap.inner == 1 ? transpose_elements<T> : transpose_runs<T>;
      move(x.data<T>().data(), y.mutable_data<T>().data(), swap);
    });
  }
  return record(transpose_op, {x}, y, [a, b](const Backward& backward) -> Gradients {
    return {transpose(backward.grad(), a, b)};
  });
}

// y = x broadcast to a larger shape;  dx = g, summed back by the engine
namespace {
const Op expand_op(
    "expand",
    [](Sampler& s) -> Sample {
      const Shape whole = s.shape();
      Shape part(whole.begin() + s.size(0, std::ssize(whole)), whole.end());
      std::ranges::replace_if(
          part, [&](std::int64_t) { return s.coin(); }, 1);
      return {{s.normal(part)}, [whole](const auto& x) { return expand(x[0], whole); }};
    },
    {{[] {
        expand(zeros({2, 3}), {4, 3});
      },
      "expand: x does not broadcast to the shape; got [2, 3]; expected to fit [4, 3]"}});
}
Tensor expand(const Tensor& x, const Shape& shape) {
  if (!broadcasts_to(x.shape(), shape)) {
    fail("expand: x does not broadcast to the shape; got {}; expected to fit {}", x.shape(), shape);
  }
  Tensor y = empty(shape, x.dtype());
  const kernels::BroadcastPlan<1> plan(shape, {x.shape()});
  const std::int64_t inner = plan.inner();
  dispatch_all("expand", x.dtype(), [&]<class T>() {
    const T* const from = x.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    const std::int64_t rows = y.numel() == 0 ? 0 : y.numel() / inner;
    parallel_for(rows, y.numel(), [=, &plan](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const T* const first = from + plan.offsets(row)[0];
        if (plan.step()[0] == 0) {
          std::fill_n(to + row * inner, inner, *first);
        } else {
          std::copy_n(first, inner, to + row * inner);
        }
      }
    });
  });
  return record(expand_op, {x}, y,
                [](const Backward& backward) -> Gradients { return {backward.grad()}; });
}

// y[.., i, ..] = x[.., n - 1 - i, ..];  dx = g flipped
namespace {
const Op flip_op("flip",
                 [](Sampler& s) -> Sample {
                   const Shape shape = s.shape(1, 4);
                   const std::int64_t dim = s.dim(shape);
                   return {{s.normal(shape)}, [dim](const auto& x) { return flip(x[0], dim); }};
                 },
                 {{[] { flip(zeros({2}), 1); },
                   "flip: dimension out of range; got 1; expected [-1, 1)"}});
}  // namespace
Tensor flip(const Tensor& x, std::int64_t dim) {
  dim = wrap_dim("flip", dim, x.dim());
  const ops::Split around = ops::split_at(x.shape(), dim);
  Tensor y = empty(x.shape(), x.dtype());
  dispatch_all("flip", x.dtype(), [&]<class T>() {
    const T* const from = x.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    const auto [outer, size, inner] = around;
    parallel_for(
        outer, x.numel(), [=, outer = outer, size = size, inner = inner](auto begin, auto end) {
          for (std::int64_t o = begin; o < end; ++o) {
            const std::int64_t first = o * size * inner;
            if (inner == 1) {
              kernels::prefetch(from + first + size, o + 1 < outer ? size : 0);
#pragma omp simd
              for (std::int64_t i = 0; i < size; ++i) {
                to[first + i] = from[first + size - 1 - i];
              }
              continue;
            }
            for (std::int64_t i = 0; i < size; ++i) {
              std::copy_n(from + first + i * inner, inner, to + first + (size - 1 - i) * inner);
            }
          }
        });
  });
  return record(flip_op, {x}, y, [dim](const Backward& backward) -> Gradients {
    return {flip(backward.grad(), dim)};
  });
}

}  // namespace weft
