#include <algorithm>
#include <numeric>

#include "autograd/kernels/parallel.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"
#include "autograd/tensor_body.hpp"

/// Ops that join and split tensors.
namespace weft {
namespace {

Shape with_size(Shape shape, std::int64_t dim, std::int64_t size) {
  shape[static_cast<std::size_t>(dim)] = size;
  return shape;
}

Shape without(Shape shape, std::int64_t dim) {
  shape.erase(shape.begin() + dim);
  return shape;
}

Shape with_new_dim(Shape shape, std::int64_t dim) {
  shape.insert(shape.begin() + dim, 1);
  return shape;
}

/// Copies `outer` rows of `length` elements between arrays with different row strides.
template <class T>
void copy_rows(const T* from, std::int64_t from_stride, T* to, std::int64_t to_stride,
               std::int64_t outer, std::int64_t length) {
  parallel_for(outer, outer * length, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::copy_n(from + row * from_stride, length, to + row * to_stride);
    }
  });
}

/// Elements [start, start + length) along `dim`: a view if dim is 0, else a copy.
Tensor slice(const Tensor& x, std::int64_t dim, std::int64_t start, std::int64_t length) {
  const Shape shape = with_size(x.shape(), dim, length);
  const ops::Split around = ops::split_at(x.shape(), dim);
  if (dim == 0) {
    return detail::view(x, start * around.inner, shape);
  }
  Tensor y = empty(shape, x.dtype());
  dispatch_all("narrow", x.dtype(), [&]<class T>() {
    copy_rows(x.data<T>().data() + start * around.inner, around.size * around.inner,
              y.mutable_data<T>().data(), length * around.inner, around.outer,
              length * around.inner);
  });
  return y;
}

/// Zeros of `shape` with `piece` placed at `start` along `dim`; the adjoint of `slice`.
Tensor padded(const Tensor& piece, const Shape& shape, std::int64_t dim, std::int64_t start) {
  std::vector<Tensor> parts;
  const auto add_zeros = [&](std::int64_t size) {
    if (size > 0) {
      parts.push_back(zeros(with_size(shape, dim, size), piece.dtype()));
    }
  };
  add_zeros(start);
  parts.push_back(piece);
  add_zeros(shape[static_cast<std::size_t>(dim)] - start - piece.size(dim));
  return cat(parts, dim);
}

/// Incoming gradients, with zeros for outputs that were not used.
std::vector<Tensor> all_grads(const Backward& backward, const std::vector<Shape>& shapes,
                              DType dtype) {
  std::vector<Tensor> grads;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    grads.push_back(backward.grad(i).defined() ? backward.grad(i) : zeros(shapes[i], dtype));
  }
  return grads;
}

}  // namespace

// y = [x_1, ..., x_n] along dim;  dx_i = the i-th piece of g
namespace {
const Op cat_op("cat",
                [](Sampler& s) -> Sample {
                  Shape shape = s.shape(1, 4);
                  const std::int64_t dim = s.dim(shape);
                  std::vector<Tensor> parts;
                  for (std::int64_t i = s.size(1, 3); i > 0; --i) {
                    shape[static_cast<std::size_t>(wrap_dim("", dim, std::ssize(shape)))] =
                        s.size(0, 3);
                    parts.push_back(s.normal(shape));
                  }
                  return {parts, [dim](const auto& x) { return cat(x, dim); }};
                },
                {{[] { cat({}, 0); }, "cat: nothing to join; expected at least one tensor"},
                 {[] {
                    cat({zeros({2, 3}), zeros({3, 3})}, 1);
                  },
                  "cat: shapes differ beside dimension 1; got [2, 3] and [3, 3]"},
                 {[] {
                    cat({zeros({2}), zeros({2}, DType::float64)}, 0);
                  },
                  "cat: dtypes differ; got float32 and float64; hint: convert one with to()"}});
}
Tensor cat(const std::vector<Tensor>& tensors, std::int64_t dim) {
  if (tensors.empty()) {
    fail("cat: nothing to join; expected at least one tensor");
  }
  const Tensor& first = tensors[0];
  dim = wrap_dim("cat", dim, first.dim());
  std::vector<std::int64_t> sizes;
  for (const Tensor& x : tensors) {
    ops::check_same_dtype("cat", first, x);
    if (x.dim() != first.dim() ||
        with_size(x.shape(), dim, 1) != with_size(first.shape(), dim, 1)) {
      fail("cat: shapes differ beside dimension {}; got {} and {}", dim, first.shape(), x.shape());
    }
    sizes.push_back(x.size(dim));
  }
  const std::int64_t total = std::reduce(sizes.begin(), sizes.end());
  Tensor y = empty(with_size(first.shape(), dim, total), first.dtype());
  const ops::Split around = ops::split_at(y.shape(), dim);
  dispatch_all("cat", first.dtype(), [&]<class T>() {
    T* to = y.mutable_data<T>().data();
    for (const Tensor& x : tensors) {
      const std::int64_t length = x.size(dim) * around.inner;
      copy_rows(x.data<T>().data(), length, to, around.size * around.inner, around.outer, length);
      to += length;
    }
  });
  return record(cat_op, tensors, y, [sizes, dim](const Backward& backward) -> Gradients {
    const std::vector<Tensor> pieces = split(backward.grad(), sizes, dim);
    return {pieces.begin(), pieces.end()};
  });
}

// y_i = x_i along a new dimension;  dx_i = g_i
namespace {
const Op stack_op("stack",
                  [](Sampler& s) -> Sample {
                    const Shape shape = s.shape(0, 3);
                    const std::int64_t dim = s.size(-1 - std::ssize(shape), std::ssize(shape));
                    std::vector<Tensor> parts;
                    for (std::int64_t i = s.size(1, 3); i > 0; --i) {
                      parts.push_back(s.normal(shape));
                    }
                    return {parts, [dim](const auto& x) { return stack(x, dim); }};
                  },
                  {{[] { stack({}); }, "stack: nothing to join; expected at least one tensor"},
                   {[] {
                      stack({zeros({2}), zeros({3})});
                    },
                    "stack: shapes differ; got [2] and [3]"}});
}
Tensor stack(const std::vector<Tensor>& tensors, std::int64_t dim) {
  if (tensors.empty()) {
    fail("stack: nothing to join; expected at least one tensor");
  }
  dim = wrap_dim("stack", dim, tensors[0].dim() + 1);
  std::vector<Tensor> rows;
  for (const Tensor& x : tensors) {
    if (x.shape() != tensors[0].shape()) {
      fail("stack: shapes differ; got {} and {}", tensors[0].shape(), x.shape());
    }
    ops::check_same_dtype("stack", tensors[0], x);
    rows.push_back(detail::view(x, 0, with_new_dim(x.shape(), dim)));
  }
  return record(stack_op, tensors, cat(rows, dim), [dim](const Backward& backward) -> Gradients {
    const std::vector<Tensor> pieces = unbind(backward.grad(), dim);
    return {pieces.begin(), pieces.end()};
  });
}

// y_i = x[.., i, ..];  dx = the g_i stacked, zero where y_i was not used
namespace {
const Op unbind_op("unbind",
                   [](Sampler& s) -> Sample {
                     const Shape shape = s.nonempty_shape(1, 4);
                     const std::int64_t dim = s.dim(shape);
                     return {{s.normal(shape)}, [dim](const auto& x) { return unbind(x[0], dim); }};
                   },
                   {{[] { unbind(zeros({2}), 1); },
                     "unbind: dimension out of range; got 1; expected [-1, 1)"}});
}
std::vector<Tensor> unbind(const Tensor& x, std::int64_t dim) {
  dim = wrap_dim("unbind", dim, x.dim());
  const Shape shape = without(x.shape(), dim);
  std::vector<Tensor> pieces;
  for (std::int64_t i = 0; i < x.size(dim); ++i) {
    pieces.push_back(detail::view(slice(x, dim, i, 1), 0, shape));
  }
  const std::vector<Shape> shapes(pieces.size(), shape);
  return record(unbind_op, {x}, pieces,
                [shapes, dim, dtype = x.dtype()](const Backward& backward) -> Gradients {
                  return {stack(all_grads(backward, shapes, dtype), dim)};
                });
}

// y_1, ..., y_n = pieces of x along dim;  dx = the g_i joined, zero where y_i was not used
namespace {
const Op split_op(
    "split",
    [](Sampler& s) -> Sample {
      Shape shape = s.shape(1, 4);
      const std::int64_t dim = s.dim(shape);
      const std::vector<std::int64_t> sizes = {s.size(0, 2), s.size(1, 3)};
      shape[static_cast<std::size_t>(wrap_dim("", dim, std::ssize(shape)))] = sizes[0] + sizes[1];
      return {{s.normal(shape)}, [sizes, dim](const auto& x) { return split(x[0], sizes, dim); }};
    },
    {{[] {
        split(zeros({5}), {2, 2}, 0);
      },
      "split: sizes do not add up; got [2, 2] for a dimension of size 5"}});
}
std::vector<Tensor> split(const Tensor& x, const std::vector<std::int64_t>& sizes,
                          std::int64_t dim) {
  dim = wrap_dim("split", dim, x.dim());
  if (std::ranges::any_of(sizes, [](std::int64_t size) { return size < 0; })) {
    fail("split: negative size; got {}", sizes);
  }
  std::int64_t left = x.size(dim);
  for (const std::int64_t size : sizes) {
    left = size > left ? -1 : left - size;  // their sum might overflow
  }
  if (left != 0) {
    fail("split: sizes do not add up; got {} for a dimension of size {}", sizes, x.size(dim));
  }
  std::vector<Tensor> pieces;
  std::vector<Shape> shapes;
  std::int64_t start = 0;
  for (const std::int64_t size : sizes) {
    pieces.push_back(slice(x, dim, start, size));
    shapes.push_back(pieces.back().shape());
    start += size;
  }
  return record(split_op, {x}, pieces,
                [shapes, dim, dtype = x.dtype()](const Backward& backward) -> Gradients {
                  return {cat(all_grads(backward, shapes, dtype), dim)};
                });
}

// y = x[start, start + length) along dim;  dx = g there, zero elsewhere
namespace {
const Op narrow_op(
    "narrow",
    [](Sampler& s) -> Sample {
      const Shape shape = s.nonempty_shape(1, 4);
      const std::int64_t dim = s.dim(shape);
      const std::int64_t size =
          shape[static_cast<std::size_t>(wrap_dim("", dim, std::ssize(shape)))];
      const std::int64_t start = s.size(0, size);
      const std::int64_t length = s.size(0, size - start);
      return {{s.normal(shape)}, [=](const auto& x) { return narrow(x[0], dim, start, length); }};
    },
    {{[] { narrow(zeros({5}), 0, 3, 3); },
      "narrow: range out of bounds; got 3 elements from 3 on; expected them within [0, 5)"}});
}
Tensor narrow(const Tensor& x, std::int64_t dim, std::int64_t start, std::int64_t length) {
  dim = wrap_dim("narrow", dim, x.dim());
  if (start < 0 || length < 0 || start > x.size(dim) - length) {
    fail("narrow: range out of bounds; got {} elements from {} on; expected them within [0, {})",
         length, start, x.size(dim));
  }
  return record(narrow_op, {x}, slice(x, dim, start, length),
                [shape = x.shape(), dim, start](const Backward& backward) -> Gradients {
                  return {padded(backward.grad(), shape, dim, start)};
                });
}

}  // namespace weft
