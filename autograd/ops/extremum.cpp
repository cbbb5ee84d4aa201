#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "autograd/kernels/parallel.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

/// The largest and the smallest element along a dimension.
namespace weft {
namespace {

/// Values along a dimension and their positions; both have size 1 there.
struct Extremum {
  Tensor values;
  Tensor ids;
};

/// The element for which `better(it, any other)` is true, the first among equals. NaN beats all.
template <class Better>
Extremum extremum(std::string_view where, const Tensor& x, std::int64_t dim, Better better) {
  const ops::Split around = ops::split_at(x.shape(), dim);
  if (around.size == 0) {
    fail("{}: no elements to choose from; got shape {} over {}", where, x.shape(), dim);
  }
  Shape shape = x.shape();
  shape[static_cast<std::size_t>(dim)] = 1;
  Extremum result{empty(shape, x.dtype()), empty(shape, DType::int64)};
  dispatch_floating(where, x.dtype(), [&]<class T>() {
    const T* const from = x.data<T>().data();
    T* const values = result.values.mutable_data<T>().data();
    std::int64_t* const ids = result.ids.mutable_data<std::int64_t>().data();
    const std::int64_t inner = around.inner;
    parallel_for(around.outer * inner, x.numel(), [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const T* const column = from + i / inner * around.size * inner + i % inner;
        std::int64_t best = 0;
        for (std::int64_t r = 1; r < around.size; ++r) {
          const T v = column[r * inner];
          const T w = column[best * inner];
          best = better(v, w) || (std::isnan(v) && !std::isnan(w)) ? r : best;
        }
        values[i] = column[best * inner];
        ids[i] = best;
      }
    });
  });
  return result;
}

/// Records `found` as the op's result, without `dim` unless it is kept.
Tensor chosen(const Op& op, const Tensor& x, std::int64_t dim, bool keepdim,
              const Extremum& found) {
  Shape shape = found.values.shape();
  if (!keepdim) {
    shape.erase(shape.begin() + dim);
  }
  return record(op, {x}, reshape(found.values, shape),
                [dim, ids = found.ids, shape = x.shape()](const Backward& backward) -> Gradients {
                  const Tensor& g = backward.grad();
                  return {scatter_add(zeros(shape, g.dtype()), dim, ids, reshape(g, ids.shape()))};
                });
}

/// The numbers 0 to n - 1 in random order: no two are close.
Tensor shuffled(std::int64_t n, Sampler& s) {
  Tensor x = empty({n}, DType::float64);
  const std::span<double> data = x.mutable_data<double>();
  std::iota(data.begin(), data.end(), 0.0);
  for (std::int64_t i = n - 1; i > 0; --i) {
    std::swap(data[static_cast<std::size_t>(i)], data[static_cast<std::size_t>(s.size(0, i))]);
  }
  return x;
}

template <Tensor (*F)(const Tensor&, std::int64_t, bool)>
Sample extremum_sample(Sampler& s) {
  const Shape shape = s.nonempty_shape(1, 4);
  const Tensor order = shuffled(numel(shape), s);
  const std::int64_t dim = s.dim(shape);
  const bool keepdim = s.coin();
  return {{reshape(order, shape).set_requires_grad()},
          [dim, keepdim](const auto& x) { return F(x[0], dim, keepdim); }};
}

template <Tensor (*F)(const Tensor&, std::int64_t, bool)>
std::vector<ErrorSample> extremum_errors(const std::string& where) {
  return {
      {[] {
         F(zeros({2, 0}), 1, false);
       },
       where + ": no elements to choose from; got shape [2, 0] over 1"},
      {[] { F(zeros({2}), 1, false); },
       where + ": dimension out of range; got 1; expected [-1, 1)"},
      {[] { F(zeros({2}, DType::int64), 0, false); }, where + ": unsupported dtype; got int64"}};
}

}  // namespace

// y = max_r x_r;  dx_r = g at the first r where x_r = y, else 0
namespace {
const Op max_op("max", extremum_sample<max>, extremum_errors<max>("max"));
}
Tensor max(const Tensor& x, std::int64_t dim, bool keepdim) {
  dim = wrap_dim("max", dim, x.dim());
  return chosen(max_op, x, dim, keepdim, extremum("max", x, dim, std::greater<>()));
}

// y = min_r x_r;  dx_r = g at the first r where x_r = y, else 0
namespace {
const Op min_op("min", extremum_sample<min>, extremum_errors<min>("min"));
}
Tensor min(const Tensor& x, std::int64_t dim, bool keepdim) {
  dim = wrap_dim("min", dim, x.dim());
  return chosen(min_op, x, dim, keepdim, extremum("min", x, dim, std::less<>()));
}

}  // namespace weft
