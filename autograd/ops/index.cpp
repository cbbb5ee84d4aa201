#include <algorithm>

#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

/// Reading and writing by ids. Each reader stands next to its adjoint, and each is the derivative
/// of the other.
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

// y_i = x_i[ids_i], one element of the last dimension;  dx_i = g_i at ids_i, else 0
namespace {
const Op pick_op("pick",
                 [](Sampler& s) -> Sample {
                   const Shape shape = s.nonempty_shape(1, 4);
                   const Tensor ids = s.ids(without_last(shape), shape.back());
                   return {{s.normal(shape)}, [ids](const auto& x) { return pick(x[0], ids); }};
                 },
                 {{[] {
                     pick(zeros({2, 3}), tensor<std::int64_t>({0, 3}, {2}));
                   },
                   "pick: id out of range; got 3; expected [0, 3)"},
                  {[] {
                     pick(zeros({2, 3}), tensor<std::int64_t>({0}, {1}));
                   },
                   "pick: ids do not fit x; got [1] for x [2, 3]"}});
}
Tensor pick(const Tensor& x, const Tensor& ids) {
  if (x.dim() == 0 || without_last(x.shape()) != ids.shape()) {
    fail("pick: ids do not fit x; got {} for x {}", ids.shape(), x.shape());
  }
  const std::int64_t size = x.size(-1);
  ops::check_ids("pick", ids, size);
  Tensor y = empty(ids.shape(), x.dtype());
  dispatch_floating("pick", x.dtype(), [&]<class T>() {
    const T* row = x.data<T>().data();
    std::ranges::transform(ids.data<std::int64_t>(), y.mutable_data<T>().begin(),
                           [&](std::int64_t id) {
                             const T value = row[id];
                             row += size;
                             return value;
                           });
  });
  return record(pick_op, {x}, y, [ids = Saved(ids), size](const Backward& backward) -> Gradients {
    return {place(backward.grad(), *ids, size)};
  });
}

// y_i[ids_i] = x_i, else 0;  dx_i = g_i[ids_i]
namespace {
const Op place_op(
    "place",
    [](Sampler& s) -> Sample {
      const Shape shape = s.shape(0, 3);
      const std::int64_t size = s.size();
      const Tensor ids = s.ids(shape, size);
      return {{s.normal(shape)}, [ids, size](const auto& x) { return place(x[0], ids, size); }};
    },
    {{[] { place(zeros({2}), tensor<std::int64_t>({0}, {1}), 3); },
      "place: wrong shape of ids; got [1]; expected [2]"}});
}
Tensor place(const Tensor& x, const Tensor& ids, std::int64_t size) {
  ops::check_shape("place", "ids", ids, x.shape());
  ops::check_ids("place", ids, size);
  Tensor y = zeros(joined(x.shape(), size), x.dtype());
  dispatch_floating("place", x.dtype(), [&]<class T>() {
    T* row = y.mutable_data<T>().data();
    const T* value = x.data<T>().data();
    for (const std::int64_t id : ids.data<std::int64_t>()) {
      row[id] = *value++;
      row += size;
    }
  });
  return record(place_op, {x}, y, [ids = Saved(ids)](const Backward& backward) -> Gradients {
    return {pick(backward.grad(), *ids)};
  });
}

}  // namespace weft
