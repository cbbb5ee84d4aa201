#include "autograd/kernels/softmax.hpp"

#include "autograd/kernels/parallel.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

/// Softmax, its logarithm, and the logarithm of the sum of exponentials.
namespace weft {
namespace {

/// Calls kernel(x, y, size, inner) on every block of x around `dim`.
template <class F>
Tensor over_blocks(std::string_view where, const Tensor& x, std::int64_t dim, F kernel) {
  Tensor y = empty(x.shape(), x.dtype());
  const ops::Split split = ops::split_at(x.shape(), dim);
  dispatch_floating(where, x.dtype(), [&]<class T>() {
    const T* const from = x.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    const std::int64_t block = split.size * split.inner;
    parallel_for(split.outer, x.numel(), [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t o = begin; o < end; ++o) {
        kernel(from + o * block, to + o * block, split.size, split.inner);
      }
    });
  });
  return y;
}

template <Tensor (*F)(const Tensor&, std::int64_t)>
Sample softmax_sample(Sampler& s) {
  const Shape shape = s.nonempty_shape(1, 4);
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
  const Tensor y = over_blocks("softmax", x, dim, [](const auto* from, auto* to, auto... sizes) {
    kernels::softmax_columns(from, to, sizes...);
  });
  return record(softmax_op, {x}, y, [dim](const Backward& backward) -> Gradients {
    const Tensor& out = backward.output();
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
  const Tensor y =
      over_blocks("log_softmax", x, dim, [](const auto* from, auto* to, auto... sizes) {
        kernels::log_softmax_columns(from, to, sizes...);
      });
  return record(log_softmax_op, {x}, y, [dim](const Backward& backward) -> Gradients {
    const Tensor& g = backward.grad();
    return {g - exp(backward.output()) * sum(g, {dim}, true)};
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
    const auto& kernels = kernels::vector_kernels<T>();
    parallel_for(around.outer, x.numel(), [=, &kernels](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin * inner; i < end * inner; ++i) {
        const T* const column = from + i / inner * around.size * inner + i % inner;
        const kernels::LogSumExp<T> lse =
            inner == 1 ? kernels::logsumexp(kernels, column, around.size)
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
