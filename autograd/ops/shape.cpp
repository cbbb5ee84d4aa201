#include <algorithm>
#include <numeric>
#include <utility>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/permutation.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"
#include "autograd/tensor_body.hpp"

/// Ops that rearrange or reshape elements.
namespace weft {
namespace {

/// y = x with its dimensions in the order `dims`.
template <class T>
void permute_into(const Tensor& x, const std::vector<std::int64_t>& dims, T* y) {
  const kernels::Permutation permutation(x.shape(), dims);
  const T* const from = x.data<T>().data();
  parallel_for(permutation.jobs(), x.numel(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t job = begin; job < end; ++job) {
      permutation.run(job, from, y);
    }
  });
}

/// The dimensions in the order `dims`, outside any graph.
Tensor permuted(std::string_view where, const Tensor& x, const std::vector<std::int64_t>& dims) {
  Shape shape;
  for (const std::int64_t dim : dims) {
    shape.push_back(x.shape()[static_cast<std::size_t>(dim)]);
  }
  Tensor y = empty(shape, x.dtype());
  dispatch_all(where, x.dtype(),
               [&]<class T>() { permute_into<T>(x, dims, y.mutable_data<T>().data()); });
  return y;
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
  const std::int64_t a = wrap_dim("transpose", dim0, x.dim());
  const std::int64_t b = wrap_dim("transpose", dim1, x.dim());
  std::vector<std::int64_t> dims(static_cast<std::size_t>(x.dim()));
  std::iota(dims.begin(), dims.end(), 0);
  std::swap(dims[static_cast<std::size_t>(a)], dims[static_cast<std::size_t>(b)]);
  return record(
      transpose_op, {x}, permuted("transpose", x, dims),
      [a, b](const Backward& backward) -> Gradients { return {transpose(backward.grad(), a, b)}; });
}

// y[i_p(0), i_p(1), ..] = x[i_0, i_1, ..];  dx = g in the order of the inverse permutation
namespace {
const Op permute_op(
    "permute",
    [](Sampler& s) -> Sample {
      const Shape shape = s.shape();
      std::vector<std::int64_t> dims(shape.size());
      std::iota(dims.begin(), dims.end(), 0);
      for (std::size_t i = dims.size(); i > 1; --i) {
        std::swap(dims[i - 1], dims[static_cast<std::size_t>(s.size(0, std::ssize(dims) - 1)) % i]);
      }
      return {{s.normal(shape)}, [dims](const auto& x) { return permute(x[0], dims); }};
    },
    {{[] {
        permute(zeros({2, 3}), {0});
      },
      "permute: wrong number of dimensions; got [0] for shape [2, 3]; expected 2"},
     {[] {
        permute(zeros({2, 3}), {1, -1});
      },
      "permute: dimension given twice; got [1, -1]"},
     {[] {
        permute(zeros({2, 3}), {0, 2});
      },
      "permute: dimension out of range; got 2; expected [-2, 2)"}});
}
Tensor permute(const Tensor& x, const std::vector<std::int64_t>& dims) {
  if (std::ssize(dims) != x.dim()) {
    fail("permute: wrong number of dimensions; got {} for shape {}; expected {}", dims, x.shape(),
         x.dim());
  }
  std::vector<std::int64_t> order;
  std::vector<std::int64_t> inverse(dims.size(), -1);
  for (const std::int64_t dim : dims) {
    const std::int64_t wrapped = wrap_dim("permute", dim, x.dim());
    if (std::exchange(inverse[static_cast<std::size_t>(wrapped)], std::ssize(order)) >= 0) {
      fail("permute: dimension given twice; got {}", dims);
    }
    order.push_back(wrapped);
  }
  return record(permute_op, {x}, permuted("permute", x, order),
                [inverse](const Backward& backward) -> Gradients {
                  return {permute(backward.grad(), inverse)};
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
