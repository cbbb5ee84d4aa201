#include "autograd/kernels/softmax.hpp"

#include <algorithm>

#include "autograd/kernels/parallel.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

/// Softmax, its logarithm, and the logarithm of the sum of exponentials.
namespace weft {
namespace {

/// y along `dim` of x: row(kernels, x, y, size) where that is the last dimension, otherwise
/// columns(kernels, x, y, size, stride, columns) for strips of columns, even if there is only one:
/// its bits must be those that it has beside others.
template <class Row, class Columns>
Tensor along(std::string_view where, const Tensor& x, std::int64_t dim, Row row, Columns columns) {
  Tensor y = empty(x.shape(), x.dtype());
  dispatch_floating(where, x.dtype(), [&, split = ops::split_at(x.shape(), dim)]<class T>() {
    const T* const from = x.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    const auto& kernels = kernels::vector_kernels<T>();
    const std::int64_t block = split.size * split.inner;
    const std::int64_t strips = (split.inner + kernels::kStripColumns - 1) / kernels::kStripColumns;
    const std::int64_t jobs = x.numel() == 0 ? 0 : split.outer * strips;
    parallel_for(jobs, 4 * x.numel(), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t job = begin; job < end; ++job) {
        const std::int64_t column = job % strips * kernels::kStripColumns;
        const std::int64_t first = job / strips * block + column;
        if (dim == x.dim() - 1) {
          row(kernels, from + first, to + first, split.size);
        } else {
          columns(kernels, from + first, to + first, split.size, split.inner,
                  std::min(kernels::kStripColumns, split.inner - column));
        }
      }
    });
  });
  return y;
}

/// dx from y and g by a kernel for rows, written to `spare` if that is defined.
template <class Kernel>
Tensor backward_rows(const Tensor& y, const Tensor& g, const Tensor& spare, Kernel kernel) {
  Tensor dx = spare.defined() ? spare : empty(y.shape(), y.dtype());
  dispatch_floating("softmax", y.dtype(), [&]<class T>() {
    const auto row = kernel(kernels::vector_kernels<T>());
    const T* const from = y.data<T>().data();
    const T* const gradient = g.data<T>().data();
    T* const to = dx.mutable_data<T>().data();
    const std::int64_t n = y.size(-1);
    const std::int64_t rows = y.numel() == 0 ? 0 : y.numel() / n;
    parallel_for(rows, 4 * y.numel(), [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin * n; i < end * n; i += n) {
        row(from + i, gradient + i, to + i, n);
      }
    });
  });
  return dx;
}

/// Whether a backward runs in kernels for rows: not recorded, along the last dimension.
bool by_rows(const Tensor& x, std::int64_t dim) { return !grad_enabled() && dim == x.dim() - 1; }

template <Tensor (*F)(const Tensor&, std::int64_t)>
Sample softmax_sample(Sampler& s) {
  const Shape shape = s.shape(1, 4);
  const std::int64_t dim = s.dim(shape);
  return {{s.normal(shape)}, [dim](const auto& x) { return F(x[0], dim); }};
}

template <Tensor (*F)(const Tensor&, std::int64_t)>
std::vector<ErrorSample> softmax_errors(const std::string& where) {
  return {{[] {
             F(zeros({2, 3}), 2);
           },
           where + ": dimension out of range; got 2; expected [-2, 2)"},
          {[] { F(zeros({2}, DType::int64), 0); }, where + ": unsupported dtype; got int64"}};
}

}  // namespace

// y_i = e^x_i / sum_j e^x_j;  dx = y (g - sum_j g_j y_j)
namespace {
const Op softmax_op("softmax", softmax_sample<softmax>, softmax_errors<softmax>("softmax"),
                    KeepOutputs::yes);
}
Tensor softmax(const Tensor& x, std::int64_t dim) {
  dim = wrap_dim("softmax", dim, x.dim());
  const Tensor y = along(
      "softmax", x, dim,
      [](const auto& kernels, const auto* from, auto* to, std::int64_t n) {
        kernels.softmax(from, to, n);
      },
      [](const auto&... arguments) { kernels::softmax_columns(arguments...); });
  return record(softmax_op, {x}, y, [dim](const Backward& backward) -> Gradients {
    const Tensor& out = backward.output();
    if (by_rows(out, dim)) {
      return {backward_rows(out, backward.grad(), backward.spare_grad(),
                            [](const auto& kernels) { return kernels.softmax_backward; })};
    }
    const Tensor gy = backward.grad() * out;
    return {gy - out * sum(gy, {dim}, true)};
  });
}

// y_i = x_i - ln sum_j e^x_j;  dx = g - e^y sum_j g_j
namespace {
const Op log_softmax_op("log_softmax", softmax_sample<log_softmax>,
                        softmax_errors<log_softmax>("log_softmax"), KeepOutputs::yes);
}
Tensor log_softmax(const Tensor& x, std::int64_t dim) {
  dim = wrap_dim("log_softmax", dim, x.dim());
  const Tensor y = along(
      "log_softmax", x, dim,
      [](const auto&... arguments) { kernels::log_softmax_row(arguments...); },
      [](const auto&... arguments) { kernels::log_softmax_columns(arguments...); });
  return record(log_softmax_op, {x}, y, [dim](const Backward& backward) -> Gradients {
    const Tensor& g = backward.grad();
    const Tensor& out = backward.output();
    if (by_rows(out, dim)) {
      return {backward_rows(out, g, backward.spare_grad(),
                            [](const auto& kernels) { return kernels.log_softmax_backward; })};
    }
    return {g - exp(out) * sum(g, {dim}, true)};
  });
}

// y = ln sum_i e^x_i;  dx = g softmax(x), which is g e^(x - y)
namespace {
const Op logsumexp_op("logsumexp",
                      [](Sampler& s) -> Sample {
                        const Shape shape = s.nonempty_shape(1, 4);
                        const std::int64_t dim = s.dim(shape);
                        const bool keepdim = s.coin();
                        return {{s.normal(shape)}, [dim, keepdim](const auto& x) {
                                  return logsumexp(x[0], dim, keepdim);
                                }};
                      },
                      {{[] { logsumexp(zeros({2}), 1); },
                        "logsumexp: dimension out of range; got 1; expected [-1, 1)"},
                       {[] {
                          logsumexp(zeros({2, 0}), 1);
                        },
                        "logsumexp: no elements to sum; got shape [2, 0] over 1"},
                       {[] { logsumexp(zeros({2}, DType::int64), 0); },
                        "logsumexp: unsupported dtype; got int64"}});
}
Tensor logsumexp(const Tensor& x, std::int64_t dim, bool keepdim) {
  dim = wrap_dim("logsumexp", dim, x.dim());
  const ops::Split around = ops::split_at(x.shape(), dim);
  if (around.size == 0) {
    fail("logsumexp: no elements to sum; got shape {} over {}", x.shape(), dim);
  }
  Shape kept = x.shape();
  kept[static_cast<std::size_t>(dim)] = 1;
  Shape shape = kept;
  if (!keepdim) {
    shape.erase(shape.begin() + dim);
  }
  Tensor y = empty(shape, x.dtype());
  dispatch_floating("logsumexp", x.dtype(), [&]<class T>() {
    const T* const from = x.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    const std::int64_t inner = around.inner;
    const bool rows = dim == x.dim() - 1;
    const auto& kernels = kernels::vector_kernels<T>();
    parallel_for(around.outer, x.numel(), [=, &kernels](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin * inner; i < end * inner; ++i) {
        const T* const column = from + i / inner * around.size * inner + i % inner;
        const kernels::LogSumExp<T> lse =
            rows ? kernels::logsumexp(kernels, column, around.size)
                 : kernels::column_logsumexp(column, around.size, inner);
        to[i] = lse.largest + lse.rest;
      }
    });
  });
  return record(logsumexp_op, {x}, y,
                [x = Saved(x), dim, kept](const Backward& backward) -> Gradients {
                  return {reshape(backward.grad(), kept) * softmax(*x, dim)};
                });
}

}  // namespace weft
