#include <algorithm>

#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/product.hpp"
#include "autograd/kernels/softmax.hpp"
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
};

/// Number of logits computed at a time, 16 MiB in float: large enough for BLAS, small enough to be
/// negligible next to the weight.
constexpr std::int64_t kLogits = std::int64_t{1} << 22;

std::int64_t rows_at_a_time(std::int64_t classes) {
  constexpr std::int64_t kFewest = 64;
  constexpr std::int64_t kMost = 1024;
  return std::clamp(kLogits / std::max<std::int64_t>(classes, 1), kFewest, kMost);
}

/// Turns a row of logits into their gradient, if needed; returns the row's loss, unscaled.
template <class T>
double finish_row(const kernels::VectorKernels<T>& kernels, T* row, std::int64_t classes,
                  std::int64_t target, const Task& task, bool differentiate) {
  const kernels::LogSumExp<T> lse = kernels::logsumexp(kernels, row, classes);
  const double uniform = task.smoothing / static_cast<double>(classes);
  double loss = -(1 - task.smoothing) * static_cast<double>(lse.log_probability(row[target]));
  for (std::int64_t j = 0; j < classes && uniform > 0; ++j) {
    loss -= uniform * static_cast<double>(lse.log_probability(row[j]));
  }
  if (differentiate) {
    const T scale = static_cast<T>(task.scale);
    const T share = static_cast<T>(uniform);
    kernels.softmax_gradient(row, row, classes, lse.largest, lse.rest, scale, share);
    row[target] -= static_cast<T>(task.scale * (1 - task.smoothing));
  }
  return loss;
}

/// The rows [begin, end) of the task: logits and then, in the same buffer, their gradient.
class Chunk {
 public:
  Chunk(const Task& task, std::int64_t begin, std::int64_t end)
      : task_(task),
        rows_(tensor(std::vector(task.rows.begin() + begin, task.rows.begin() + end),
                     {end - begin})) {}

  /// Adds this chunk's loss and, where `result` has a tensor for them, its gradients.
  void add_to(Result& result, const Tensor& x, const Tensor& weight, const Tensor& bias) const {
    const Tensor part = index_select(x, 0, rows_);  // [C, I]
    Tensor logits = linear(part, weight, bias);  // [C, V], by the packed product: it adds b itself
    const bool differentiate =
        result.dx.defined() || result.dweight.defined() || result.dbias.defined();
    result.loss += finish(logits, differentiate);
    if (result.dx.defined()) {
      scatter(product(logits, Transpose::no, weight, Transpose::no), result.dx);  // [C, I]
    }
    if (result.dweight.defined()) {
      product_into(result.dweight, logits, Transpose::yes, part, Transpose::no, true);
    }
    if (result.dbias.defined()) {
      result.dbias = result.dbias + sum(logits, {0});
    }
  }

 private:
  double finish(Tensor& logits, bool differentiate) const {
    const std::int64_t count = logits.size(0);
    const std::int64_t classes = logits.size(1);
    std::vector<double> losses(static_cast<std::size_t>(count));
    dispatch_floating("linear_cross_entropy", logits.dtype(), [&]<class T>() {
      T* const rows = logits.mutable_data<T>().data();
      const std::int64_t* const target = task_.targets.data<std::int64_t>().data();
      const std::int64_t* const ids = rows_.data<std::int64_t>().data();
      const auto& kernels = kernels::vector_kernels<T>();
      parallel_for(count, logits.numel(), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
          losses[static_cast<std::size_t>(i)] = finish_row(kernels, rows + i * classes, classes,
                                                           target[ids[i]], task_, differentiate);
        }
      });
    });
    double total = 0;  // in order, independent of threads
    for (const double loss : losses) {
      total += loss;
    }
    return total * task_.scale;
  }

  /// to[rows[i]] = from[i]
  void scatter(const Tensor& from, Tensor& to) const {
    const std::int64_t width = to.size(1);
    dispatch_floating("linear_cross_entropy", to.dtype(), [&]<class T>() {
      const T* const source = from.data<T>().data();
      T* const target = to.mutable_data<T>().data();
      const std::span<const std::int64_t> ids = rows_.data<std::int64_t>();
      for (std::size_t i = 0; i < ids.size(); ++i) {
        std::copy_n(source + static_cast<std::int64_t>(i) * width, width, target + ids[i] * width);
      }
    });
  }

  const Task& task_;
  Tensor rows_;  // [C], row ids
};

/// Runs the whole task, outside the graph.
Result run(const Task& task, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  const bool recorded = grad_enabled();
  const NoGradGuard guard;
  const auto wanted = [&](const Tensor& input) {
    return recorded && input.defined() && input.requires_grad() ? zeros_like(input) : Tensor();
  };
  Result result{.dx = wanted(x), .dweight = wanted(weight), .dbias = wanted(bias)};
  const std::int64_t count = std::ssize(task.rows);
  const std::int64_t size = rows_at_a_time(weight.size(0));
  for (std::int64_t begin = 0; begin < count; begin += size) {
    Chunk(task, begin, std::min(begin + size, count)).add_to(result, x, weight, bias);
  }
  return result;
}

}  // namespace

// With the logits z_i = W x_i + b: the loss of cross_entropy (loss.cpp), and with G = dloss/dz
//   dX = G W,  dW = G^T X,  db = sum of the rows of G,  each times the gradient of the loss.
// That gradient is a scalar, so all three are computed in the forward pass while a chunk of the
// logits is available, and G overwrites it (Hsu et al. 2024, arXiv:2410.10989, section 3.2).
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
