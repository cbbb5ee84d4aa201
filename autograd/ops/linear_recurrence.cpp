#include <algorithm>

#include "autograd/kernels/parallel.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

namespace weft {
namespace {

/// y_t = a_t y_{t-1} + x_t from the first of T steps of n elements, or, if `backwards`,
/// y_t = a_{t+1} y_{t+1} + x_t from the last.
template <class T>
void run(const T* a, const T* x, T* y, std::int64_t steps, std::int64_t n, bool backwards) {
  parallel_for(n, steps * n, [=](std::int64_t begin, std::int64_t end) {
    const std::int64_t first = backwards ? steps - 1 : 0;
    std::copy_n(x + first * n + begin, end - begin, y + first * n + begin);
    for (std::int64_t i = 1; i < steps; ++i) {
      const std::int64_t t = backwards ? first - i : i;
      const T* const factor = a + (backwards ? t + 1 : t) * n;
      const T* const before = y + (backwards ? t + 1 : t - 1) * n;
      const T* const add = x + t * n;
      T* const to = y + t * n;
#pragma omp simd
      for (std::int64_t j = begin; j < end; ++j) {
        to[j] = factor[j] * before[j] + add[j];
      }
    }
  });
}

/// x one step later, after zeros: [T, ...] -> [T, ...]
Tensor delayed(const Tensor& x) {
  return cat({zeros_like(narrow(x, 0, 0, 1)), narrow(x, 0, 0, x.size(0) - 1)}, 0);
}

}  // namespace

// y_t = a_t y_{t-1} + x_t with y_{-1} = 0. Its gradient is the recurrence in reverse, and that
// one's gradient is this one:
//
//   forward    dx_t = g_t + a_{t+1} dx_{t+1},  da_t = dx_t y_{t-1}
//   backwards  dx_t = g_t + a_t dx_{t-1},      da_t = dx_{t-1} y_t
namespace {
const Op linear_recurrence_op(
    "linear_recurrence",
    [](Sampler& s) -> Sample {
      Shape shape = s.shape(1, 3);
      shape[0] = s.size(1, 5);
      return {{s.normal(shape), s.normal(shape)},
              [](const auto& x) { return linear_recurrence(x[0], x[1]); }};
    },
    {{[] {
        linear_recurrence(zeros({2, 3}), zeros({2, 4}));
      },
      "linear_recurrence: wrong shape of decay; got [2, 3]; expected [2, 4]"},
     {[] { linear_recurrence(scalar(1), scalar(1)); },
      "linear_recurrence: no steps; got shape []; expected [T, ...] with T at least 1"}},
    KeepOutputs::yes);

Tensor recurrence(const Tensor& decay, const Tensor& x, bool backwards) {
  Tensor y = empty(x.shape(), x.dtype());
  dispatch_floating("linear_recurrence", x.dtype(), [&]<class T>() {
    run(decay.data<T>().data(), x.data<T>().data(), y.mutable_data<T>().data(), x.size(0),
        x.numel() / x.size(0), backwards);
  });
  return record(linear_recurrence_op, {decay, x}, y,
                [a = Saved(decay), backwards](const Backward& backward) -> Gradients {
                  const Tensor& out = backward.output();
                  const Tensor dx = recurrence(*a, backward.grad(), !backwards);
                  if (!backward.needs(0)) {
                    return {{}, dx};
                  }
                  return {backwards ? delayed(dx) * out : dx * delayed(out), dx};
                });
}
}  // namespace
Tensor linear_recurrence(const Tensor& decay, const Tensor& x) {
  if (x.dim() == 0 || x.size(0) == 0) {
    fail("linear_recurrence: no steps; got shape {}; expected [T, ...] with T at least 1",
         x.shape());
  }
  ops::check_same_dtype("linear_recurrence", decay, x);
  ops::check_shape("linear_recurrence", "decay", decay, x.shape());
  return recurrence(decay, x, false);
}

}  // namespace weft
