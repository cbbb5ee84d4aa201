#include "autograd/kernels/softmax.hpp"

#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/parallel.hpp"
#include "autograd/tape.hpp"

/// Softmax and the loss that is made with it.
namespace weft {
namespace {

/// kernel(x, y, size, inner) on every block of x around `dim`.
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

// loss = s sum_i (ln sum_j e^x_ij - x_i,t_i) over the rows i that count, s = 1 or 1 / (rows);
// dx_ij = g s (softmax(x_i)_j - [j = t_i]), 0 in rows that do not count
namespace {

/// The loss in elementary ops, for derivatives of higher order.
Tensor composed_cross_entropy(const Tensor& logits, const Tensor& targets,
                              std::int64_t ignore_index, double scale) {
  std::vector<std::int64_t> rows;  // that count
  std::vector<std::int64_t> ids;   // their targets
  const std::span<const std::int64_t> target = targets.data<std::int64_t>();
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (target[i] != ignore_index) {
      rows.push_back(static_cast<std::int64_t>(i));
      ids.push_back(target[i]);
    }
  }
  const Shape counted = {std::ssize(rows)};
  const Tensor log_p = log_softmax(index_select(logits, 0, tensor(rows, counted)), 1);
  return sum(pick(log_p, tensor(ids, counted))) * -scale;
}

/// The fast first derivative; `normalizers` [N, 2] are the two parts of each row's LogSumExp.
Tensor cross_entropy_gradient(const Tensor& logits, const Tensor& targets,
                              const Tensor& normalizers, std::int64_t ignore_index, double scale) {
  Tensor gradient = empty(logits.shape(), logits.dtype());
  const std::int64_t classes = logits.size(1);
  dispatch_floating("cross_entropy", logits.dtype(), [&]<class T>() {
    const T* const x = logits.data<T>().data();
    const T* const normalizer = normalizers.data<T>().data();
    const std::int64_t* const target = targets.data<std::int64_t>().data();
    T* const dx = gradient.mutable_data<T>().data();
    const T factor = static_cast<T>(scale);
    parallel_for(logits.size(0), logits.numel(), [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        T* const row = dx + i * classes;
        if (target[i] == ignore_index) {
          std::fill_n(row, classes, T{0});
          continue;
        }
        const kernels::LogSumExp<T> lse{normalizer[2 * i], normalizer[2 * i + 1]};
        for (std::int64_t j = 0; j < classes; ++j) {
          row[j] = factor * kernels::exp(lse.log_probability(x[i * classes + j]));
        }
        row[target[i]] -= factor;
      }
    });
  });
  return gradient;
}

const Op cross_entropy_op(
    "cross_entropy",
    [](Sampler& s) -> Sample {
      const std::int64_t classes = s.size(1, 5);
      Tensor targets = s.ids({s.size(0, 4)}, classes);
      for (std::int64_t& id : targets.mutable_data<std::int64_t>()) {
        id = s.size(1, 4) == 1 ? -100 : id;
      }
      const Reduction reduction = s.coin() ? Reduction::mean : Reduction::sum;
      return {{s.normal({targets.numel(), classes})}, [targets, reduction](const auto& x) {
                return cross_entropy(x[0], targets, -100, reduction);
              }};
    },
    {{[] {
        cross_entropy(zeros({2, 3}), tensor<std::int64_t>({0, 3}, {2}));
      },
      "cross_entropy: target out of range; got 3 in row 1; expected [0, 3) or -100"},
     {[] {
        cross_entropy(zeros({2, 3}), tensor<std::int64_t>({0}, {1}));
      },
      "cross_entropy: wrong shape of targets; got [1]; expected [2]"},
     {[] { cross_entropy(zeros({3}), tensor<std::int64_t>({0}, {1})); },
      "cross_entropy: wrong rank of logits; got shape [3]; expected 2 dimensions"}});

}  // namespace
Tensor cross_entropy(const Tensor& logits, const Tensor& targets, std::int64_t ignore_index,
                     Reduction reduction) {
  ops::check_rank("cross_entropy", "logits", logits, 2);
  ops::check_dtype("cross_entropy", "targets", targets, DType::int64);
  ops::check_shape("cross_entropy", "targets", targets, {logits.size(0)});
  const std::int64_t rows = logits.size(0);
  const std::int64_t classes = logits.size(1);
  const std::int64_t* const target = targets.data<std::int64_t>().data();
  std::int64_t counted = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    counted += target[i] != ignore_index ? 1 : 0;
    if (target[i] != ignore_index && (target[i] < 0 || target[i] >= classes)) {
      fail("cross_entropy: target out of range; got {} in row {}; expected [0, {}) or {}",
           target[i], i, classes, ignore_index);
    }
  }
  const bool averaged = reduction == Reduction::mean && counted > 0;
  const double scale = averaged ? 1 / static_cast<double>(counted) : 1;

  Tensor normalizers = empty({rows, 2}, logits.dtype());
  double total = 0;
  dispatch_floating("cross_entropy", logits.dtype(), [&]<class T>() {
    const T* const x = logits.data<T>().data();
    T* const normalizer = normalizers.mutable_data<T>().data();
    parallel_for(rows, logits.numel(), [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const kernels::LogSumExp<T> lse = kernels::logsumexp(x + i * classes, classes);
        normalizer[2 * i] = lse.largest;
        normalizer[2 * i + 1] = lse.rest;
      }
    });
    for (std::int64_t i = 0; i < rows; ++i) {
      if (target[i] != ignore_index) {
        const kernels::LogSumExp<T> lse{normalizer[2 * i], normalizer[2 * i + 1]};
        total -= static_cast<double>(lse.log_probability(x[i * classes + target[i]]));
      }
    }
  });
  return record(
      cross_entropy_op, {logits}, scalar(total * scale, logits.dtype()),
      [logits = Saved(logits), targets = Saved(targets), normalizers, ignore_index,
       scale](const Backward& backward) -> Gradients {
        if (grad_enabled()) {
          const auto composed = [&](const std::vector<Tensor>& x) {
            return std::vector{composed_cross_entropy(x[0], *targets, ignore_index, scale)};
          };
          return composed_gradients(composed, {*logits}, backward);
        }
        return {cross_entropy_gradient(*logits, *targets, normalizers, ignore_index,
                                       scale * backward.grad().item())};
      });
}

}  // namespace weft
