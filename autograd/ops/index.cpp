#include <algorithm>

#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

/// Reading and writing by ids. Each reading op is next to its adjoint; each is the derivative of
/// the other.
namespace weft {
namespace {

Shape joined(Shape shape, std::int64_t last) {
  shape.push_back(last);
  return shape;
}

Shape without_last(const Shape& shape) { return {shape.begin(), shape.end() - 1}; }

}  // namespace

// y_i = W[ids_i];  dW = rows: g_i at ids_i
namespace {
const Op embedding_op(
    "embedding",
    [](Sampler& s) -> Sample {
      const std::int64_t rows = s.size(1, 5);
      const Tensor ids = s.ids(s.shape(0, 3), rows);
      return {{s.normal({rows, s.size()})}, [ids](const auto& x) { return embedding(ids, x[0]); }};
    },
    {{[] {
        embedding(tensor<std::int64_t>({1, 3}, {2}), zeros({3, 2}));
      },
      "embedding: id out of range; got 3; expected [0, 3)"},
     {[] {
        embedding(zeros({2}), zeros({3, 2}));
      },
      "embedding: wrong dtype of ids; got float32; expected int64"},
     {[] { embedding(tensor<std::int64_t>({0}, {1}), zeros({3})); },
      "embedding: wrong rank of weight; got shape [3]; expected 2 dimensions"}});
}
Tensor embedding(const Tensor& ids, const Tensor& weight) {
  ops::check_rank("embedding", "weight", weight, 2);
  ops::check_ids("embedding", ids, weight.size(0));
  const std::int64_t width = weight.size(1);
  Tensor y = empty(joined(ids.shape(), width), weight.dtype());
  dispatch_floating("embedding", weight.dtype(), [&]<class T>() {
    const T* const table = weight.data<T>().data();
    T* out = y.mutable_data<T>().data();
    for (const std::int64_t id : ids.data<std::int64_t>()) {
      out = std::copy_n(table + id * width, width, out);
    }
  });
  return record(
      embedding_op, {weight}, y,
      [ids = Saved(ids), rows = weight.size(0), width](const Backward& backward) -> Gradients {
        const Tensor& g = backward.grad();
        if (grad_enabled()) {
          return {index_add(*ids, g, rows)};
        }
        const std::int64_t count = (*ids).numel();
        return {Gradient::rows(reshape(*ids, {count}), reshape(g, {count, width}), rows)};
      });
}

// y[ids_i] += v_i, from zeros;  dv_i = g[ids_i]
namespace {
const Op index_add_op("index_add",
                      [](Sampler& s) -> Sample {
                        const std::int64_t rows = s.size(1, 5);
                        const Tensor ids = s.ids(s.shape(0, 3), rows);
                        return {{s.normal(joined(ids.shape(), s.size()))},
                                [ids, rows](const auto& x) { return index_add(ids, x[0], rows); }};
                      },
                      {{[] {
                          index_add(tensor<std::int64_t>({0, 1}, {2}), zeros({3, 2}), 4);
                        },
                        "index_add: values do not fit the ids; got [3, 2] for ids [2]"},
                       {[] {
                          index_add(tensor<std::int64_t>({0, -1}, {2}), zeros({2, 2}), 4);
                        },
                        "index_add: id out of range; got -1; expected [0, 4)"}});
}
Tensor index_add(const Tensor& ids, const Tensor& values, std::int64_t num_rows) {
  ops::check_ids("index_add", ids, num_rows);
  if (values.dim() == 0 || without_last(values.shape()) != ids.shape()) {
    fail("index_add: values do not fit the ids; got {} for ids {}", values.shape(), ids.shape());
  }
  const std::int64_t width = values.size(-1);
  Tensor y = zeros({num_rows, width}, values.dtype());
  dispatch_floating("index_add", values.dtype(), [&]<class T>() {
    const T* row = values.data<T>().data();
    T* const table = y.mutable_data<T>().data();
    for (const std::int64_t id : ids.data<std::int64_t>()) {
      std::transform(row, row + width, table + id * width, table + id * width, std::plus<T>());
      row += width;
    }
  });
  return record(index_add_op, {values}, y,
                [ids = Saved(ids)](const Backward& backward) -> Gradients {
                  return {embedding(*ids, backward.grad())};
                });
}

// y[.., i, ..] = x[.., ids_i, ..];  dx[.., ids_i, ..] += g[.., i, ..]
namespace {
const Op index_select_op(
    "index_select",
    [](Sampler& s) -> Sample {
      const Shape shape = s.nonempty_shape(1, 4);
      const std::int64_t dim = s.dim(shape);
      const std::int64_t size =
          shape[static_cast<std::size_t>(wrap_dim("", dim, std::ssize(shape)))];
      const Tensor ids = s.ids({s.size(0, 4)}, size);
      return {{s.normal(shape)},
              [dim, ids](const auto& x) { return index_select(x[0], dim, ids); }};
    },
    {{[] { index_select(zeros({3}), 0, tensor<std::int64_t>({3}, {1})); },
      "index_select: id out of range; got 3; expected [0, 3)"},
     {[] { index_select(zeros({3}), 1, tensor<std::int64_t>({0}, {1})); },
      "index_select: dimension out of range; got 1; expected [-1, 1)"}});
}
Tensor index_select(const Tensor& x, std::int64_t dim, const Tensor& ids) {
  dim = wrap_dim("index_select", dim, x.dim());
  ops::check_rank("index_select", "ids", ids, 1);
  ops::check_ids("index_select", ids, x.size(dim));
  const ops::Split around = ops::split_at(x.shape(), dim);
  Shape shape = x.shape();
  shape[static_cast<std::size_t>(dim)] = ids.numel();
  Tensor y = empty(shape, x.dtype());
  dispatch_all("index_select", x.dtype(), [&]<class T>() {
    const T* block = x.data<T>().data();
    T* out = y.mutable_data<T>().data();
    for (std::int64_t o = 0; o < around.outer; ++o) {
      for (const std::int64_t id : ids.data<std::int64_t>()) {
        out = std::copy_n(block + id * around.inner, around.inner, out);
      }
      block += around.size * around.inner;
    }
  });
  return record(index_select_op, {x}, y,
                [ids = Saved(ids), dim, rows = around.size,
                 width = around.outer * around.inner](const Backward& backward) -> Gradients {
                  const Tensor g = transpose(backward.grad(), 0, dim);  // rows first
                  Shape rows_first = g.shape();
                  rows_first[0] = rows;
                  const Tensor sums = index_add(*ids, reshape(g, {(*ids).numel(), width}), rows);
                  return {transpose(reshape(sums, rows_first), 0, dim)};
                });
}

// y[.., i, ..] = x[.., ids[.., i, ..], ..] along one dimension;  dx is g scattered back
namespace {

/// Checks the ids of a read from or write to `shape` along `dim` (wrapped): same rank, no larger
/// than `shape` in the other dimensions, each in range.
void check_gather(std::string_view where, const Shape& shape, std::int64_t dim, const Tensor& ids) {
  ops::check_dtype(where, "ids", ids, DType::int64);
  bool fits = ids.dim() == std::ssize(shape);
  for (std::int64_t d = 0; fits && d < ids.dim(); ++d) {
    fits = d == dim || ids.size(d) <= shape[static_cast<std::size_t>(d)];
  }
  if (!fits) {
    fail("{}: ids do not fit x; got {} for x {}", where, ids.shape(), shape);
  }
  ops::check_ids(where, ids, shape[static_cast<std::size_t>(dim)]);
}

/// Calls f(position in ids, position in x) for every id, in order.
template <class F>
void for_each_id(const Tensor& ids, const Shape& shape, std::int64_t dim, F f) {
  const auto rank = static_cast<std::size_t>(ids.dim());
  std::vector<std::int64_t> stride(rank, 1);  // of x
  for (std::size_t d = rank; d-- > 1;) {
    stride[d - 1] = stride[d] * shape[d];
  }
  const std::span<const std::int64_t> id = ids.data<std::int64_t>();
  const bool rows = static_cast<std::size_t>(dim) + 1 == rank &&
                    std::equal(shape.begin(), shape.end() - 1, ids.shape().begin());
  if (rows) {  // the usual case: no index to compute but the row's
    const auto size = static_cast<std::size_t>(ids.size(-1));
    for (std::size_t i = 0, row = 0; i < id.size();
         row += static_cast<std::size_t>(shape[rank - 1])) {
      for (const std::size_t end = i + size; i < end; ++i) {
        f(i, row + static_cast<std::size_t>(id[i]));
      }
    }
    return;
  }
  for (std::size_t i = 0; i < id.size(); ++i) {
    auto rest = static_cast<std::int64_t>(i);
    std::int64_t at = id[i] * stride[static_cast<std::size_t>(dim)];
    for (std::size_t d = rank; d-- > 0;) {
      const std::int64_t size = ids.shape()[d];
      at += static_cast<std::int64_t>(d) == dim ? 0 : rest % size * stride[d];
      rest /= size;
    }
    f(i, static_cast<std::size_t>(at));
  }
}

/// y[.., ids[.., i, ..], ..] += values[.., i, ..], with ids that were checked.
void add_at(Tensor& y, std::int64_t dim, const Tensor& ids, const Tensor& values) {
  dispatch_floating("scatter_add", y.dtype(), [&]<class T>() {
    const std::span<const T> from = values.data<T>();
    const std::span<T> to = y.mutable_data<T>();
    for_each_id(ids, y.shape(), dim, [&](std::size_t i, std::size_t at) { to[at] += from[i]; });
  });
}

/// A shape, a dimension of it, and matching ids.
struct GatherArguments {
  Shape shape;
  std::int64_t dim;
  Tensor ids;
};

GatherArguments gather_arguments(Sampler& s) {
  const Shape shape = s.nonempty_shape(1, 3);
  const std::int64_t dim = s.dim(shape);
  const auto wrapped = static_cast<std::size_t>(wrap_dim("", dim, std::ssize(shape)));
  Shape sizes = shape;
  std::ranges::for_each(sizes, [&](std::int64_t& size) { size = s.size(1, size); });
  sizes[wrapped] = s.size(0, 4);
  return {shape, dim, s.ids(sizes, shape[wrapped])};
}

const Op gather_op(
    "gather",
    [](Sampler& s) -> Sample {
      const GatherArguments c = gather_arguments(s);
      return {{s.normal(c.shape)}, [c](const auto& x) { return gather(x[0], c.dim, c.ids); }};
    },
    {{[] {
        gather(zeros({2, 3}), 1, tensor<std::int64_t>({0, 3}, {2, 1}));
      },
      "gather: id out of range; got 3; expected [0, 3)"},
     {[] {
        gather(zeros({2, 3}), 1, tensor<std::int64_t>({0, 0, 0}, {3, 1}));
      },
      "gather: ids do not fit x; got [3, 1] for x [2, 3]"},
     {[] {
        gather(zeros({2, 3}), 1, tensor<std::int64_t>({0}, {1}));
      },
      "gather: ids do not fit x; got [1] for x [2, 3]"}});

}  // namespace
Tensor gather(const Tensor& x, std::int64_t dim, const Tensor& ids) {
  dim = wrap_dim("gather", dim, x.dim());
  check_gather("gather", x.shape(), dim, ids);
  Tensor y = empty(ids.shape(), x.dtype());
  dispatch_all("gather", x.dtype(), [&]<class T>() {
    const std::span<const T> from = x.data<T>();
    const std::span<T> to = y.mutable_data<T>();
    for_each_id(ids, x.shape(), dim, [&](std::size_t i, std::size_t at) { to[i] = from[at]; });
  });
  return record(gather_op, {x}, y,
                [ids = Saved(ids), dim, shape = x.shape()](const Backward& backward) -> Gradients {
                  const Tensor& g = backward.grad();
                  Tensor dx = zeros(shape, g.dtype());
                  if (grad_enabled()) {
                    return {scatter_add(dx, dim, *ids, g)};
                  }
                  add_at(dx, dim, *ids, g);
                  return {dx};
                });
}

// y = x, and y[.., ids[.., i, ..], ..] += v[.., i, ..];  dx = g,  dv is g gathered
namespace {
const Op scatter_add_op(
    "scatter_add",
    [](Sampler& s) -> Sample {
      const GatherArguments c = gather_arguments(s);
      return {{s.normal(c.shape), s.normal(c.ids.shape())},
              [c](const auto& x) { return scatter_add(x[0], c.dim, c.ids, x[1]); }};
    },
    {{[] {
        scatter_add(zeros({2, 3}), 1, tensor<std::int64_t>({0, -1}, {2, 1}), zeros({2, 1}));
      },
      "scatter_add: id out of range; got -1; expected [0, 3)"},
     {[] {
        scatter_add(zeros({2, 3}), 1, tensor<std::int64_t>({0, 1}, {2, 1}), zeros({2, 2}));
      },
      "scatter_add: wrong shape of values; got [2, 2]; expected [2, 1]"},
     {[] {
        scatter_add(zeros({3}), 0, tensor<std::int64_t>({0}, {1}), zeros({1}, DType::float64));
      },
      "scatter_add: dtypes differ; got float32 and float64; hint: convert one with to()"}});
}
Tensor scatter_add(const Tensor& x, std::int64_t dim, const Tensor& ids, const Tensor& values) {
  dim = wrap_dim("scatter_add", dim, x.dim());
  ops::check_same_dtype("scatter_add", x, values);
  check_gather("scatter_add", x.shape(), dim, ids);
  ops::check_shape("scatter_add", "values", values, ids.shape());
  Tensor y = x.detach().clone();
  add_at(y, dim, ids, values);
  return record(scatter_add_op, {x, values}, y,
                [ids = Saved(ids), dim](const Backward& backward) -> Gradients {
                  const Tensor& g = backward.grad();
                  return {g, backward.needs(1) ? gather(g, dim, *ids) : Tensor()};
                });
}

}  // namespace weft
