#include <algorithm>

#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/softmax.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/composed.hpp"
#include "autograd/tape.hpp"

/// Losses, summed or averaged to a scalar.
namespace weft {
namespace {

/// Checks class ids [N] against scores [N, V]; returns the number of rows that are not ignored.
std::int64_t count_targets(std::string_view where, std::string_view what, const Tensor& scores,
                           const Tensor& targets, std::int64_t ignore_index) {
  ops::check_rank(where, what, scores, 2);
  return ops::count_targets(where, targets, scores.size(0), scores.size(1), ignore_index);
}

/// The factor for a sum over `count` elements.
double scale_of(std::string_view where, Reduction reduction, std::int64_t count) {
  if (reduction == Reduction::sum) {
    return 1;
  }
  if (count == 0) {
    fail("{}: no elements to average; got none; expected one or more", where);
  }
  return 1 / static_cast<double>(count);
}

void check_pair(std::string_view where, const Tensor& input, const Tensor& target) {
  ops::check_same_dtype(where, input, target);
  ops::check_shape(where, "target", target, input.shape());
  if (!is_floating(input.dtype())) {
    fail("{}: unsupported dtype; got {}", where, name(input.dtype()));
  }
}

using PairLoss = Tensor (*)(const Tensor&, const Tensor&, Reduction);

template <PairLoss F>
std::vector<ErrorSample> pair_errors(const std::string& where) {
  return {{[] { F(zeros({2}), zeros({3}), Reduction::mean); },
           where + ": wrong shape of target; got [3]; expected [2]"},
          {[] { F(zeros({2}), zeros({2}, DType::float64), Reduction::mean); },
           where + ": dtypes differ; got float32 and float64; hint: convert one with to()"},
          {[] {
             F(zeros({0, 2}), zeros({0, 2}), Reduction::mean);
           },
           where + ": no elements to average; got none; expected one or more"}};
}

Reduction any_reduction(Sampler& s) { return s.coin() ? Reduction::mean : Reduction::sum; }

}  // namespace

// loss = -s sum_i ((1 - e) l_i,t_i + (e / V) sum_j l_ij), l_i = ln softmax(x_i), over the rows i
// that are not ignored, s = 1 or 1 / (their number), e the label smoothing (Szegedy et al. 2016,
// arXiv:1512.00567, sec. 7); dx_ij = g s (softmax(x_i)_j - (1 - e) [j = t_i] - e / V), 0 in ignored
// rows
namespace {

/// The arguments of a cross-entropy besides its logits.
struct Labels {
  Saved targets;  // [N]
  std::int64_t ignore_index;
  double smoothing;
  double scale;  // of the sum over rows

  bool counts(std::int64_t row) const {
    return (*targets).data<std::int64_t>()[static_cast<std::size_t>(row)] != ignore_index;
  }
};

/// The loss in elementary ops, for higher-order derivatives.
Tensor composed_cross_entropy(const Tensor& logits, const Labels& labels) {
  std::vector<std::int64_t> rows;  // not ignored
  std::vector<std::int64_t> ids;   // their targets
  for (std::int64_t i = 0; i < logits.size(0); ++i) {
    if (labels.counts(i)) {
      rows.push_back(i);
      ids.push_back((*labels.targets).data<std::int64_t>()[static_cast<std::size_t>(i)]);
    }
  }
  const std::int64_t count = std::ssize(rows);
  const Tensor log_p = log_softmax(index_select(logits, 0, tensor(rows, {count})), 1);
  const Tensor at_targets = sum(gather(log_p, 1, tensor(ids, {count, 1})));
  const double uniform = labels.smoothing / static_cast<double>(logits.size(1));
  return -labels.scale * ((1 - labels.smoothing) * at_targets + uniform * sum(log_p));
}

/// The fast first derivative, times `factor`; `normalizers` [N, 2] are the two parts of each row's
/// LogSumExp.
Tensor cross_entropy_gradient(const Tensor& logits, const Labels& labels, const Tensor& normalizers,
                              double factor) {
  Tensor gradient = empty(logits.shape(), logits.dtype());
  const std::int64_t classes = logits.size(1);
  dispatch_floating("cross_entropy", logits.dtype(), [&]<class T>() {
    const T* const x = logits.data<T>().data();
    const T* const normalizer = normalizers.data<T>().data();
    const std::int64_t* const target = (*labels.targets).data<std::int64_t>().data();
    T* const dx = gradient.mutable_data<T>().data();
    const std::int64_t ignore_index = labels.ignore_index;
    const T f = static_cast<T>(factor);
    const T uniform = static_cast<T>(labels.smoothing / static_cast<double>(classes));
    const T certain = static_cast<T>(factor * (1 - labels.smoothing));
    const auto softmax_gradient = kernels::vector_kernels<T>().softmax_gradient;
    parallel_for(logits.size(0), logits.numel(), [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        T* const row = dx + i * classes;
        if (target[i] == ignore_index) {
          std::fill_n(row, classes, T{0});
          continue;
        }
        const kernels::LogSumExp<T> lse{normalizer[2 * i], normalizer[2 * i + 1]};
        softmax_gradient(x + i * classes, row, classes, lse.largest, lse.rest, f, uniform);
        row[target[i]] -= certain;
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
      const double smoothing = s.coin() ? 0.1 : 0;
      return {{s.normal({targets.numel(), classes})}, [=](const auto& x) {
                return cross_entropy(x[0], targets, -100, reduction, smoothing);
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
      "cross_entropy: wrong rank of logits; got shape [3]; expected 2 dimensions"},
     {[] {
        cross_entropy(zeros({1, 3}), tensor<std::int64_t>({0}, {1}), -100, Reduction::mean, 1.5);
      },
      "cross_entropy: label_smoothing out of range; got 1.5; expected [0, 1]"}});

}  // namespace
Tensor cross_entropy(const Tensor& logits, const Tensor& targets, std::int64_t ignore_index,
                     Reduction reduction, double label_smoothing) {
  if (!(label_smoothing >= 0 && label_smoothing <= 1)) {
    fail("cross_entropy: label_smoothing out of range; got {}; expected [0, 1]", label_smoothing);
  }
  const std::int64_t counted =
      count_targets("cross_entropy", "logits", logits, targets, ignore_index);
  const bool averaged = reduction == Reduction::mean && counted > 0;
  const Labels labels{Saved(targets), ignore_index, label_smoothing,
                      averaged ? 1 / static_cast<double>(counted) : 1};
  const std::int64_t rows = logits.size(0);
  const std::int64_t classes = logits.size(1);

  Tensor normalizers = empty({rows, 2}, logits.dtype());
  double total = 0;
  dispatch_floating("cross_entropy", logits.dtype(), [&]<class T>() {
    const T* const x = logits.data<T>().data();
    const std::int64_t* const target = targets.data<std::int64_t>().data();
    T* const normalizer = normalizers.mutable_data<T>().data();
    const auto& kernels = kernels::vector_kernels<T>();
    parallel_for(rows, logits.numel(), [=, &kernels](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const kernels::LogSumExp<T> lse = kernels::logsumexp(kernels, x + i * classes, classes);
        normalizer[2 * i] = lse.largest;
        normalizer[2 * i + 1] = lse.rest;
      }
    });
    const auto log_probability = [=](std::int64_t i, std::int64_t j) {
      const kernels::LogSumExp<T> lse{normalizer[2 * i], normalizer[2 * i + 1]};
      return static_cast<double>(lse.log_probability(x[i * classes + j]));
    };
    const double uniform = label_smoothing / static_cast<double>(classes);
    for (std::int64_t i = 0; i < rows; ++i) {
      if (target[i] == ignore_index) {
        continue;
      }
      total -= (1 - label_smoothing) * log_probability(i, target[i]);
      for (std::int64_t j = 0; j < classes && uniform > 0; ++j) {
        total -= uniform * log_probability(i, j);
      }
    }
  });
  return record(
      cross_entropy_op, {logits}, scalar(total * labels.scale, logits.dtype()),
      [logits = Saved(logits), labels, normalizers](const Backward& backward) -> Gradients {
        const Tensor& x = *logits;
        if (grad_enabled()) {
          const auto composed = [&](const std::vector<Tensor>& inputs) {
            return std::vector{composed_cross_entropy(inputs[0], labels)};
          };
          return composed_gradients(composed, {x}, backward);
        }
        return {
            cross_entropy_gradient(x, labels, normalizers, labels.scale * backward.grad().item())};
      });
}

// loss = -s sum_i x_i,t_i over the rows i that are not ignored, s = 1 or 1 / (their number);
// dx_ij = -g s [j = t_i], 0 in ignored rows
namespace {
const Op nll_loss_op("nll_loss",
                     [](Sampler& s) -> Sample {
                       const std::int64_t classes = s.size(1, 5);
                       Tensor targets = s.ids({s.size(0, 4)}, classes);
                       for (std::int64_t& id : targets.mutable_data<std::int64_t>()) {
                         id = s.size(1, 4) == 1 ? -100 : id;
                       }
                       const Reduction reduction = any_reduction(s);
                       return {{s.normal({targets.numel(), classes})}, [=](const auto& x) {
                                 return nll_loss(x[0], targets, -100, reduction);
                               }};
                     },
                     {{[] {
                         nll_loss(zeros({2, 3}), tensor<std::int64_t>({0, 3}, {2}));
                       },
                       "nll_loss: target out of range; got 3 in row 1; expected [0, 3) or -100"},
                      {[] { nll_loss(zeros({3}), tensor<std::int64_t>({0}, {1})); },
                       "nll_loss: wrong rank of log_p; got shape [3]; expected 2 dimensions"}});
}
Tensor nll_loss(const Tensor& log_p, const Tensor& targets, std::int64_t ignore_index,
                Reduction reduction) {
  const std::int64_t counted = count_targets("nll_loss", "log_p", log_p, targets, ignore_index);
  const bool averaged = reduction == Reduction::mean && counted > 0;
  const Tensor ignored = reshape(eq(targets, tensor({ignore_index}, {})), {-1, 1});       // [N, 1]
  const Tensor ids = where(ignored, scalar(0, DType::int64), reshape(targets, {-1, 1}));  // [N, 1]
  const double scale = averaged ? 1 / static_cast<double>(counted) : 1;
  const Tensor zero = scalar(0, log_p.dtype());
  const Tensor chosen = where(ignored, zero, gather(log_p.detach(), 1, ids));  // [N, 1]
  return record(
      nll_loss_op, {log_p}, -scale * sum(chosen),
      [shape = log_p.shape(), ids, ignored, scale](const Backward& backward) -> Gradients {
        const Tensor g = -scale * backward.grad();
        const Tensor zeros_like_p = zeros(shape, g.dtype());
        return {scatter_add(zeros_like_p, 1, ids, where(ignored, scalar(0, g.dtype()), g))};
      });
}

// loss = s sum_i (x_i - t_i)^2;  dx = 2 g s (x - t),  dt = -dx
namespace {
const Op mse_loss_op(
    "mse_loss",
    [](Sampler& s) -> Sample {
      const Shape shape = s.nonempty_shape();
      const Reduction reduction = any_reduction(s);
      return {{s.normal(shape), s.normal(shape)},
              [reduction](const auto& x) { return mse_loss(x[0], x[1], reduction); }};
    },
    pair_errors<mse_loss>("mse_loss"));
}
Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction) {
  check_pair("mse_loss", input, target);
  const double scale = scale_of("mse_loss", reduction, input.numel());
  const Tensor total = sum(square(input.detach() - target.detach()));
  return record(
      mse_loss_op, {input, target}, total * scale,
      [x = Saved(input), t = Saved(target), scale](const Backward& backward) -> Gradients {
        const Tensor dx = 2 * scale * backward.grad() * (*x - *t);
        return {dx, backward.needs(1) ? -dx : Tensor()};
      });
}

// loss = -s sum_i (t_i ln p_i + (1 - t_i) ln(1 - p_i)), p = sigmoid(x)
//      = s sum_i (softplus(x_i) - x_i t_i), which does not overflow for any x;
// dx = g s (sigmoid(x) - t),  dt = -g s x
namespace {
const Op bce_with_logits_op(
    "bce_with_logits",
    [](Sampler& s) -> Sample {
      const Shape shape = s.nonempty_shape();
      const Reduction reduction = any_reduction(s);
      return {{s.normal(shape), s.uniform(shape, 0, 1)},
              [reduction](const auto& x) { return bce_with_logits(x[0], x[1], reduction); }};
    },
    pair_errors<bce_with_logits>("bce_with_logits"));
}
Tensor bce_with_logits(const Tensor& logits, const Tensor& target, Reduction reduction) {
  check_pair("bce_with_logits", logits, target);
  const double scale = scale_of("bce_with_logits", reduction, logits.numel());
  const Tensor x = logits.detach();
  const Tensor total = sum(softplus(x) - x * target.detach());
  return record(
      bce_with_logits_op, {logits, target}, total * scale,
      [x = Saved(logits), t = Saved(target), scale](const Backward& backward) -> Gradients {
        const Tensor g = scale * backward.grad();
        return {g * (sigmoid(*x) - *t), backward.needs(1) ? -g * *x : Tensor()};
      });
}

// loss = s sum_i p_i (ln p_i - x_i), 0 where p_i = 0 (Kullback and Leibler 1951), x = ln q;
// dx = -g s p,  dp = g s (ln p + 1 - x)
namespace {
const Op kl_div_op(
    "kl_div",
    [](Sampler& s) -> Sample {
      const Shape shape = s.nonempty_shape(1, 4);
      const Reduction reduction = any_reduction(s);
      return {{s.normal(shape), s.uniform(shape, 0.1, 1)},
              [reduction](const auto& x) { return kl_div(x[0], x[1], reduction); }};
    },
    pair_errors<kl_div>("kl_div"));
}
Tensor kl_div(const Tensor& log_q, const Tensor& target, Reduction reduction) {
  check_pair("kl_div", log_q, target);
  const std::int64_t rows =
      log_q.numel() == 0 ? 0 : log_q.numel() / (log_q.dim() == 0 ? 1 : log_q.size(-1));
  const double scale = scale_of("kl_div", reduction, rows);
  const Tensor zero = scalar(0, log_q.dtype());
  const Tensor p = target.detach();
  const Tensor log_p = log(where(eq(p, 0), scalar(1, p.dtype()), p));  // 0 ln 0 = 0
  const Tensor each = where(eq(p, 0), zero, p * (log_p - log_q.detach()));
  return record(
      kl_div_op, {log_q, target}, sum(each) * scale,
      [x = Saved(log_q), p = Saved(target), scale](const Backward& backward) -> Gradients {
        const Tensor g = scale * backward.grad();
        return {backward.needs(0) ? -g * *p : Tensor(),
                backward.needs(1) ? g * (log(*p) + 1 - *x) : Tensor()};
      });
}

}  // namespace weft
