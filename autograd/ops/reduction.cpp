#include <algorithm>
#include <array>
#include <functional>
#include <numeric>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"
#include "autograd/tensor_body.hpp"

/// Sums, means and related reductions over chosen dimensions.
namespace weft {
namespace {

/// The dimensions to reduce, wrapped and ascending; all if none are given.
std::vector<std::int64_t> reduced_dims(std::string_view where, const Shape& shape,
                                       std::vector<std::int64_t> dims) {
  const std::int64_t rank = std::ssize(shape);
  if (dims.empty()) {
    for (std::int64_t dim = 0; dim < rank; ++dim) {
      dims.push_back(dim);
    }
    return dims;
  }
  for (std::int64_t& dim : dims) {
    dim = wrap_dim(where, dim, rank);
  }
  std::ranges::sort(dims);
  if (std::ranges::adjacent_find(dims) != dims.end()) {
    fail("{}: a dimension is named twice; got {}", where, dims);
  }
  return dims;
}

/// `shape` with size 1 at `dims`.
Shape kept_shape(Shape shape, const std::vector<std::int64_t>& dims) {
  for (const std::int64_t dim : dims) {
    shape[static_cast<std::size_t>(dim)] = 1;
  }
  return shape;
}

Shape dropped_shape(const Shape& shape, const std::vector<std::int64_t>& dims) {
  Shape result;
  for (std::int64_t dim = 0; dim < std::ssize(shape); ++dim) {
    if (!std::ranges::binary_search(dims, dim)) {
      result.push_back(shape[static_cast<std::size_t>(dim)]);
    }
  }
  return result;
}

/// The number of elements reduced to each result.
std::int64_t counted(const Shape& shape, const std::vector<std::int64_t>& reduced) {
  return std::transform_reduce(
      reduced.begin(), reduced.end(), std::int64_t{1}, std::multiplies<>(),
      [&](std::int64_t dim) { return shape[static_cast<std::size_t>(dim)]; });
}

constexpr std::int64_t kSumColumns = 256;     // summed side by side
constexpr std::int64_t kSumElements = 65536;  // of a partial sum along the last dimension
constexpr std::int64_t kSumRows = 256;        // of a partial sum along another one

/// The sums over r of x[r, i] for `rows` rows and columns [first, first + columns) of `inner`, in
/// double, because sums may be long. The last dimension is summed in lanes, others row by row, even
/// if there is only one column: its bits must be those that it has beside others.
template <class T>
void partial_sums(const kernels::VectorKernels<T>& kernels, const T* x, std::int64_t rows,
                  std::int64_t inner, bool last, std::int64_t columns, double* totals) {
  if (last) {
    *totals = kernels.sum(x, rows);
  } else {
    std::fill_n(totals, columns, 0.0);
    kernels.sum_rows(x, inner, rows, columns, totals);
  }
}

/// y[o, i] = sum_r x[o, r, i]. The work is cut into strips of columns, and those into parts of a
/// fixed number of rows; the sums of the parts are added in order.
template <class T>
void sum_kernel(const T* x, T* y, const ops::Split& split, bool last) {
  const auto [outer, size, inner] = split;
  if (outer * inner == 0) {
    return;
  }
  const std::int64_t strips = (inner + kSumColumns - 1) / kSumColumns;
  const std::int64_t rows = last ? kSumElements : kSumRows;
  const std::int64_t parts = std::max<std::int64_t>(1, (size + rows - 1) / rows);
  std::vector<double> sums(static_cast<std::size_t>(outer * parts * inner));
  double* const all = sums.data();  // [outer, parts, inner]
  const auto& kernels = kernels::vector_kernels<T>();
  const auto sum_part = [&, size = size, inner = inner](std::int64_t job) {
    const std::int64_t strip = job % strips * kSumColumns;
    const std::int64_t part = job / strips % parts;
    const std::int64_t o = job / strips / parts;
    const std::int64_t first = part * rows;
    partial_sums(kernels, x + (o * size + first) * inner + strip, std::min(rows, size - first),
                 inner, last, std::min(kSumColumns, inner - strip),
                 all + (o * parts + part) * inner + strip);
  };
  parallel_for(outer * parts * strips, outer * size * inner,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t job = begin; job < end; ++job) {
                   sum_part(job);
                 }
               });
  for (std::int64_t o = 0; o < outer; ++o, y += inner) {
    double* const total = all + o * parts * inner;
    for (std::int64_t i = inner; i < parts * inner; ++i) {
      total[i % inner] += total[i];
    }
    std::transform(total, total + inner, y, [](double t) { return static_cast<T>(t); });
  }
}

std::int64_t product(const Shape& shape, std::int64_t begin, std::int64_t end) {
  return numel({shape.begin() + begin, shape.begin() + end});
}

/// Sums over ascending `dims`, runs of adjacent dimensions at once, from the last run to the first;
/// the summed dimensions stay as size 1.
Tensor sum_dims(Tensor x, const std::vector<std::int64_t>& dims) {
  for (std::size_t last = dims.size(); last > 0;) {
    std::size_t first = last - 1;
    while (first > 0 && dims[first - 1] == dims[first] - 1) {
      --first;
    }
    const std::int64_t begin = dims[first];
    const std::int64_t end = dims[last - 1] + 1;
    const ops::Split split{product(x.shape(), 0, begin), product(x.shape(), begin, end),
                           product(x.shape(), end, x.dim())};
    Shape shape = x.shape();
    std::fill(shape.begin() + begin, shape.begin() + end, 1);
    Tensor y = empty(shape, x.dtype());
    dispatch_floating("sum", x.dtype(), [&]<class T>() {
      sum_kernel(x.data<T>().data(), y.mutable_data<T>().data(), split, end == x.dim());
    });
    x = y;
    last = first;
  }
  return x;
}

template <Tensor (*F)(const Tensor&, const std::vector<std::int64_t>&, bool)>
Sample reduction_sample(Sampler& s, const Shape& shape) {
  std::vector<std::int64_t> dims;
  for (std::int64_t dim = 0; dim < std::ssize(shape); ++dim) {
    if (s.coin()) {
      dims.push_back(s.coin() ? dim : dim - std::ssize(shape));
    }
  }
  const bool keepdim = s.coin();
  return {{s.normal(shape)}, [dims, keepdim](const auto& x) { return F(x[0], dims, keepdim); }};
}

template <Tensor (*F)(const Tensor&, const std::vector<std::int64_t>&, bool)>
std::vector<ErrorSample> reduction_errors(const std::string& where) {
  return {
      {[] {
         F(zeros({2, 3}), {2}, false);
       },
       where + ": dimension out of range; got 2; expected [-2, 2)"},
      {[] {
         F(zeros({2, 3}), {1, -1}, false);
       },
       where + ": a dimension is named twice; got [1, 1]"},
      {[] { F(zeros({2}, DType::int64), {}, false); }, where + ": unsupported dtype; got int64"}};
}

}  // namespace

// y = sum_r x_r;  dx_r = g
namespace {
const Op sum_op(
    "sum", [](Sampler& s) { return reduction_sample<sum>(s, s.shape()); },
    reduction_errors<sum>("sum"));
}
Tensor sum(const Tensor& x, const std::vector<std::int64_t>& dims, bool keepdim) {
  if (!is_floating(x.dtype())) {
    fail("sum: unsupported dtype; got {}", name(x.dtype()));
  }
  const std::vector<std::int64_t> reduced = reduced_dims("sum", x.shape(), dims);
  Tensor y = reduced.empty() ? x.detach().clone() : sum_dims(x.detach(), reduced);
  if (!keepdim) {
    y = detail::view(y, 0, dropped_shape(x.shape(), reduced));
  }
  const Shape kept = kept_shape(x.shape(), reduced);
  return record(sum_op, {x}, y, [shape = x.shape(), kept](const Backward& backward) -> Gradients {
    return {expand(reshape(backward.grad(), kept), shape)};
  });
}

// y = (1/n) sum_r x_r;  dx_r = g / n
namespace {
const Op mean_op(
    "mean", [](Sampler& s) { return reduction_sample<mean>(s, s.nonempty_shape()); },
    [] {
      auto errors = reduction_errors<mean>("mean");
      errors.push_back({[] {
                          mean(zeros({2, 0}), {1});
                        },
                        "mean: no elements to average; got shape [2, 0] over [1]"});
      return errors;
    }());
}
Tensor mean(const Tensor& x, const std::vector<std::int64_t>& dims, bool keepdim) {
  if (!is_floating(x.dtype())) {
    fail("mean: unsupported dtype; got {}", name(x.dtype()));
  }
  const std::vector<std::int64_t> reduced = reduced_dims("mean", x.shape(), dims);
  const std::int64_t count = counted(x.shape(), reduced);
  if (count == 0) {
    fail("mean: no elements to average; got shape {} over {}", x.shape(), reduced);
  }
  const auto n = static_cast<double>(count);
  const Tensor y = sum(x.detach(), dims, keepdim) / n;
  const Shape kept = kept_shape(x.shape(), reduced);
  return record(mean_op, {x}, y,
                [shape = x.shape(), kept, n](const Backward& backward) -> Gradients {
                  return {expand(reshape(backward.grad(), kept) / n, shape)};
                });
}

// y = sum_r (x_r - m)^2 / (n - c), m the mean, c the correction;  dx_r = 2 g (x_r - m) / (n - c)
namespace {
const Op var_op("var",
                [](Sampler& s) -> Sample {
                  const Shape shape = s.nonempty_shape(1, 4);
                  const std::vector<std::int64_t> dims = {s.dim(shape)};
                  const std::int64_t correction = s.coin() ? 0 : -1;
                  const bool keepdim = s.coin();
                  return {{s.normal(shape)}, [dims, correction, keepdim](const auto& x) {
                            return var(x[0], dims, correction, keepdim);
                          }};
                },
                {{[] {
                    var(zeros({2, 1}), {1});
                  },
                  "var: too few elements; got shape [2, 1] over [1] with correction 1"},
                 {[] { var(zeros({2}, DType::int64)); }, "var: unsupported dtype; got int64"}});
}
Tensor var(const Tensor& x, const std::vector<std::int64_t>& dims, std::int64_t correction,
           bool keepdim) {
  const std::vector<std::int64_t> reduced = reduced_dims("var", x.shape(), dims);
  const Shape kept = kept_shape(x.shape(), reduced);
  const std::int64_t divisor = counted(x.shape(), reduced) - correction;
  if (!is_floating(x.dtype())) {
    fail("var: unsupported dtype; got {}", name(x.dtype()));
  }
  if (divisor <= 0) {
    fail("var: too few elements; got shape {} over {} with correction {}", x.shape(), reduced,
         correction);
  }
  const auto n = static_cast<double>(divisor);
  const Tensor deviation = x.detach() - mean(x.detach(), dims, true);
  const Tensor y = sum(square(deviation), dims, keepdim) / n;
  return record(var_op, {x}, y,
                [x = Saved(x), dims, kept, n](const Backward& backward) -> Gradients {
                  return {reshape(backward.grad(), kept) * (2 / n) * (*x - mean(*x, dims, true))};
                });
}

// y = sqrt(sum_r x_r^2);  dx_r = g x_r / y, 0 where y = 0
namespace {
const Op norm_op(
    "norm",
    [](Sampler& s) -> Sample {
      Sample sample = reduction_sample<norm>(s, s.nonempty_shape());
      sample.inputs = {s.away_from_zero(sample.inputs[0].shape(), 0.5)};
      return sample;
    },
    reduction_errors<norm>("norm"), KeepOutputs::yes);
}
Tensor norm(const Tensor& x, const std::vector<std::int64_t>& dims, bool keepdim) {
  if (!is_floating(x.dtype())) {
    fail("norm: unsupported dtype; got {}", name(x.dtype()));
  }
  const Shape kept = kept_shape(x.shape(), reduced_dims("norm", x.shape(), dims));
  const Tensor squares = square(x.detach().to(DType::float64));  // which might overflow float32
  const Tensor y = sqrt(sum(squares, dims, keepdim)).to(x.dtype());
  return record(norm_op, {x}, y, [x = Saved(x), kept](const Backward& backward) -> Gradients {
    const Tensor& out = backward.output();
    const Tensor at_zero = eq(out, 0);
    // Divide by 1 there, because even elements that are not selected need a finite derivative.
    const Tensor ratio = backward.grad() / where(at_zero, scalar(1, out.dtype()), out);
    return {*x * reshape(where(at_zero, scalar(0, out.dtype()), ratio), kept)};
  });
}

// y_i = x_0 + ... + x_i;  dx_i = g_i + ... + g_n-1
namespace {
const Op cumsum_op(
    "cumsum",
    [](Sampler& s) -> Sample {
      const Shape shape = s.shape(1, 4);
      const std::int64_t dim = s.dim(shape);
      return {{s.normal(shape)}, [dim](const auto& x) { return cumsum(x[0], dim); }};
    },
    {{[] { cumsum(zeros({2}), 1); }, "cumsum: dimension out of range; got 1; expected [-1, 1)"},
     {[] { cumsum(zeros({2}, DType::int64), 0); }, "cumsum: unsupported dtype; got int64"}});

/// Sums of one row [n], from its start or, if `backwards`, from its end.
template <class T>
void cumulate_row(const T* x, T* y, std::int64_t n, bool backwards) {
  double total = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t at = backwards ? n - 1 - i : i;
    total += static_cast<double>(x[at]);
    y[at] = static_cast<T>(total);
  }
}

/// The same for each column of a block [size, inner].
template <class T>
void cumulate_columns(const T* x, T* y, std::int64_t size, std::int64_t inner, bool backwards) {
  std::vector<double> totals(static_cast<std::size_t>(inner));
  for (std::int64_t r = 0; r < size; ++r) {
    const std::int64_t row = (backwards ? size - 1 - r : r) * inner;
    double* const total = totals.data();
#pragma omp simd
    for (std::int64_t i = 0; i < inner; ++i) {
      total[i] += static_cast<double>(x[row + i]);
      y[row + i] = static_cast<T>(total[i]);
    }
  }
}

/// The gradient of a sum from the start is one from the end, and vice versa.
Tensor cumulated(const Tensor& x, std::int64_t dim, bool backwards) {
  Tensor y = empty(x.shape(), x.dtype());
  dispatch_floating("cumsum", x.dtype(), [&, around = ops::split_at(x.shape(), dim)]<class T>() {
    const T* const from = x.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    const auto [outer, size, inner] = around;
    parallel_for(outer, x.numel(),
                 [=, outer = outer, size = size, inner = inner](auto begin, auto end) {
                   for (std::int64_t first = begin * size * inner; first < end * size * inner;
                        first += size * inner) {
                     if (inner == 1) {
                       const std::int64_t next = first + size;
                       kernels::prefetch(from + next, backwards && next < outer * size ? size : 0);
                       cumulate_row(from + first, to + first, size, backwards);
                     } else {
                       cumulate_columns(from + first, to + first, size, inner, backwards);
                     }
                   }
                 });
  });
  return record(cumsum_op, {x}, y, [dim, backwards](const Backward& backward) -> Gradients {
    return {cumulated(backward.grad(), dim, !backwards)};
  });
}
}  // namespace
Tensor cumsum(const Tensor& x, std::int64_t dim) {
  return cumulated(x, wrap_dim("cumsum", dim, x.dim()), false);
}

}  // namespace weft
