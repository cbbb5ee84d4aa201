#include <algorithm>

#include "autograd/kernels/gemm.hpp"
#include "autograd/kernels/output_layer.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/composed.hpp"
#include "autograd/tape.hpp"

/// The last layer of a language model and its loss as a single op.
namespace weft {
namespace {

/// The arguments besides x, weight and bias.
struct Task {
  std::vector<std::int64_t> rows;  // of x, not ignored
  Tensor targets;                  // [N]
  double smoothing;
  double scale;  // of the sum over rows
};

/// The loss and its gradients; undefined where they are not needed.
struct Result {
  double loss = 0;
  Tensor dx;       // [N, I]
  Tensor dweight;  // [V, I]
  Tensor dbias;    // [V]

  bool differentiated() const { return dx.defined() || dweight.defined() || dbias.defined(); }
};

/// The task, some rows at a time.
template <class T>
class Run {
 public:
  Run(const Task& task, const Tensor& x, const Tensor& weight, const Tensor& bias, Result& result)
      : task_(task),
        x_(x),
        result_(result),
        layer_(weight.data<T>().data(), bias.defined() ? bias.data<T>().data() : nullptr,
               weight.size(0), weight.size(1)) {
    if (task.smoothing > 0) {
      weight_mean_ = mean(weight.detach().to(DType::float64), {0}, true);  // [1, I]
      bias_mean_ = bias.defined() ? mean(bias.detach().to(DType::float64)).item() : 0;
    }
  }

  void add(std::int64_t begin, std::int64_t end) {
    const std::vector rows(task_.rows.begin() + begin, task_.rows.begin() + end);
    const Tensor ids = tensor(rows, {end - begin});
    const Tensor x = index_select(x_, 0, ids);  // [C, I]
    const Tensor targets = index_select(task_.targets, 0, ids);
    layer_.forward(x.data<T>().data(), targets.data<std::int64_t>().data(), end - begin);
    add_loss(x);
    if (result_.differentiated()) {
      Tensor dx = result_.dx.defined() ? empty(x.shape(), x.dtype()) : Tensor();
      layer_.backward(static_cast<T>(task_.scale), static_cast<T>(task_.smoothing), elements(dx),
                      result_.dweight.defined() || result_.dbias.defined());
      scatter(dx, rows);
    }
  }

  void finish() {
    if (result_.dweight.defined() || result_.dbias.defined()) {
      layer_.gradients(elements(result_.dweight), elements(result_.dbias));
    }
  }

  std::int64_t rows_at_a_time() const { return layer_.rows_at_a_time(std::ssize(task_.rows)); }

 private:
  static T* elements(Tensor& x) { return x.defined() ? x.mutable_data<T>().data() : nullptr; }

  /// The mean of the logits of a row, W x + b, is that of W times x, plus that of b.
  void add_loss(const Tensor& x) {
    const bool smooth = task_.smoothing > 0;
    const Tensor means = smooth ? linear(x.to(DType::float64), weight_mean_) : Tensor();  // [C, 1]
    for (std::int64_t row = 0; row < x.size(0); ++row) {
      const kernels::LogSumExp<T> lse = layer_.normalizer(row);
      double log_p = static_cast<double>(lse.log_probability(layer_.target_logit(row)));
      if (smooth) {
        const double logit = means.data<double>()[static_cast<std::size_t>(row)] + bias_mean_;
        const double uniform =
            (logit - static_cast<double>(lse.largest)) - static_cast<double>(lse.rest);
        log_p = (1 - task_.smoothing) * log_p + task_.smoothing * uniform;
      }
      result_.loss -= task_.scale * log_p;
    }
  }

  /// dx[rows[i]] = from[i]
  void scatter(const Tensor& from, const std::vector<std::int64_t>& rows) {
    const std::int64_t width = x_.size(1);
    for (std::size_t i = 0; from.defined() && i < rows.size(); ++i) {
      std::copy_n(from.data<T>().data() + static_cast<std::int64_t>(i) * width, width,
                  elements(result_.dx) + rows[i] * width);
    }
  }

  const Task& task_;
  const Tensor& x_;
  double bias_mean_ = 0;
  Tensor weight_mean_;
  Result& result_;
  kernels::OutputLayer<T> layer_;
};

/// Notes the products of C rows, for measurements of their cost alone.
void note_products(std::int64_t C, const Tensor& weight, const Result& result) {
  const std::int64_t V = weight.size(0);
  const std::int64_t I = weight.size(1);
  GemmLog::note({C, V, I, false, true, false, 1});
  if (result.dx.defined()) {
    GemmLog::note({C, I, V, false, false, false, 1});
  }
  if (result.dweight.defined() || result.dbias.defined()) {
    GemmLog::note({V, I, C, true, false, true, 1});
  }
}

/// Runs the whole task, outside the graph.
Result run(const Task& task, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const bool recorded = grad_enabled();
  const NoGradGuard guard;
  const std::int64_t count = std::ssize(task.rows);
  const auto wanted = [&](const Tensor& input, bool overwritten) {
    if (!recorded || !input.defined() || !input.requires_grad()) {
      return Tensor();
    }
    return overwritten ? empty(input.shape(), input.dtype()) : zeros_like(input);
  };
  Result result{.dx = wanted(x, count == x.size(0)),
                .dweight = wanted(weight, count > 0),
                .dbias = wanted(bias, count > 0)};
  if (count == 0) {
    return result;
  }
  dispatch_floating("linear_cross_entropy", x.dtype(), [&]<class T>() {
    Run<T> run(task, x, weight, bias, result);
    const std::int64_t size = run.rows_at_a_time();
    for (std::int64_t begin = 0; begin < count; begin += size) {
      const std::int64_t end = std::min(begin + size, count);
      note_products(end - begin, weight, result);
      run.add(begin, end);
    }
    run.finish();
  });
  return result;
}

}  // namespace

// With the logits z_i = W x_i + b: the loss of cross_entropy (loss.cpp), and with G = dloss/dz
//   dX = G W,  dW = G^T X,  db = sum of the rows of G,  each times the gradient of the loss.
// That gradient is a scalar, so all three are computed in the forward pass while the logits of some
// rows are available, and G overwrites them (Hsu et al. 2024, arXiv:2410.10989, section 3.2).
// Ignored rows cost nothing.
namespace {
const Op linear_cross_entropy_op(
    "linear_cross_entropy",
    [](Sampler& s) -> Sample {
      const std::int64_t classes = s.size(1, 5);
      const std::int64_t in = s.size(1, 4);
      Tensor targets = s.ids({s.size(0, 4)}, classes);
      for (std::int64_t& id : targets.mutable_data<std::int64_t>()) {
        id = s.size(1, 4) == 1 ? -100 : id;
      }
      const Reduction reduction = s.coin() ? Reduction::mean : Reduction::sum;
      const double smoothing = s.coin() ? 0.1 : 0;
      return {{s.normal({targets.numel(), in}), s.normal({classes, in}), s.normal({classes})},
              [=](const auto& x) {
                return linear_cross_entropy(x[0], x[1], x[2], targets, -100, reduction, smoothing);
              }};
    },
    {{[] {
        linear_cross_entropy(zeros({2, 3}), zeros({4, 2}), {}, zeros({2}, DType::int64));
      },
      "linear_cross_entropy: features of x differ from the weight's; got [2, 3] and [4, 2]"},
     {[] {
        linear_cross_entropy(zeros({2, 3}), zeros({4, 3}), zeros({3}), zeros({2}, DType::int64));
      },
      "linear_cross_entropy: wrong shape of bias; got [3]; expected [4]"},
     {[] {
        linear_cross_entropy(zeros({1, 3}), zeros({4, 3}), {}, tensor<std::int64_t>({4}, {1}));
      },
      "linear_cross_entropy: target out of range; got 4 in row 0; expected [0, 4) or -100"},
     {[] {
        linear_cross_entropy(zeros({1, 3}), zeros({4, 3}), {}, zeros({1}, DType::int64), -100,
                             Reduction::mean, 2);
      },
      "linear_cross_entropy: label_smoothing out of range; got 2; expected [0, 1]"}});

/// Throws Error if the arguments do not fit; returns the number of targets that are not ignored.
std::int64_t check(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& targets,
                   std::int64_t ignore_index, double smoothing) {
  constexpr std::string_view kWhere = "linear_cross_entropy";
  if (!(smoothing >= 0 && smoothing <= 1)) {
    fail("{}: label_smoothing out of range; got {}; expected [0, 1]", kWhere, smoothing);
  }
  ops::check_rank(kWhere, "x", x, 2);
  ops::check_rank(kWhere, "weight", weight, 2);
  ops::check_same_dtype(kWhere, x, weight);
  if (x.size(1) != weight.size(1)) {
    fail("{}: features of x differ from the weight's; got {} and {}", kWhere, x.shape(),
         weight.shape());
  }
  if (bias.defined()) {
    ops::check_same_dtype(kWhere, x, bias);
    ops::check_shape(kWhere, "bias", bias, {weight.size(0)});
  }
  return ops::count_targets(kWhere, targets, x.size(0), weight.size(0), ignore_index);
}

/// The stored gradient times the gradient of the loss.
Gradient scaled(const Tensor& gradient, const Tensor& g) {
  return gradient.defined() && g.item() != 1 ? gradient * g : gradient;
}

}  // namespace
Tensor linear_cross_entropy(const Tensor& x, const Tensor& weight, const Tensor& bias,
                            const Tensor& targets, std::int64_t ignore_index, Reduction reduction,
                            double label_smoothing) {
  const std::int64_t counted = check(x, weight, bias, targets, ignore_index, label_smoothing);
  const bool averaged = reduction == Reduction::mean && counted > 0;
  Task task{.rows = {},
            .targets = targets,
            .smoothing = label_smoothing,
            .scale = averaged ? 1 / static_cast<double>(counted) : 1};
  for (std::int64_t i = 0; i < x.size(0); ++i) {
    if (targets.data<std::int64_t>()[static_cast<std::size_t>(i)] != ignore_index) {
      task.rows.push_back(i);
    }
  }
  Result result = run(task, x, weight, bias);
  return record(
      linear_cross_entropy_op, {x, weight, bias}, scalar(result.loss, x.dtype()),
      [x = Saved(x), weight = Saved(weight), bias = Saved(bias), targets = Saved(targets),
       dx = result.dx, dweight = result.dweight, dbias = result.dbias, ignore_index, reduction,
       label_smoothing](const Backward& backward) -> Gradients {
        if (grad_enabled()) {
          const auto composed = [&](const std::vector<Tensor>& inputs) {
            return std::vector{cross_entropy(linear(inputs[0], inputs[1], inputs[2]), *targets,
                                             ignore_index, reduction, label_smoothing)};
          };
          return composed_gradients(composed, {*x, *weight, *bias}, backward);
        }
        const Tensor& g = backward.grad();
        return {scaled(dx, g), scaled(dweight, g), scaled(dbias, g)};
      });
}

}  // namespace weft
