#include "autograd/gradcheck.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"

namespace weft {
namespace {

constexpr double kStep = 1e-6;
constexpr double kFloat32Tolerance = 1e-4;

double relative_error(double analytic, double numeric) {
  const double scale = std::max({1.0, std::abs(analytic), std::abs(numeric)});
  const double error = std::abs(analytic - numeric) / scale;
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

double dot(const Tensor& a, const Tensor& b) {
  const std::span<const double> x = a.data<double>();
  return std::inner_product(x.begin(), x.end(), b.data<double>().begin(), 0.0);
}

/// sum_i <a[i], b[i]>; an undefined tensor stands for zero.
double dot(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    total += a[i].defined() && b[i].defined() ? dot(a[i], b[i]) : 0;
  }
  return total;
}

std::vector<Tensor> random_like(const std::vector<Tensor>& tensors, Generator& generator) {
  std::vector<Tensor> result;
  result.reserve(tensors.size());
  for (const Tensor& tensor : tensors) {
    result.push_back(randn(tensor.shape(), generator, DType::float64));
  }
  return result;
}

std::vector<Tensor> that_require_grad(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> result;
  std::ranges::copy_if(tensors, std::back_inserter(result), &Tensor::requires_grad);
  return result;
}

using ScalarFunction = std::function<double()>;

/// Puts the elements of tensors back at the end of a scope, whatever ends it.
class Restore {
 public:
  explicit Restore(std::vector<Tensor> tensors) : tensors_(std::move(tensors)) {
    for (const Tensor& tensor : tensors_) {
      elements_.push_back(tensor.to_vector<double>());
    }
  }
  ~Restore() {
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      std::ranges::copy(elements_[i], tensors_[i].mutable_data<double>().begin());
    }
  }
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;

  const std::vector<std::vector<double>>& elements() const { return elements_; }

 private:
  std::vector<Tensor> tensors_;
  std::vector<std::vector<double>> elements_;
};

/// (f(x + h) - f(x - h)) / 2h for one element x of a leaf.
double difference(const ScalarFunction& f, Tensor leaf, std::size_t index, double h) {
  const double centre = leaf.data<double>()[index];
  const auto at = [&](double x) {
    leaf.mutable_data<double>()[index] = x;
    return f();
  };
  const double high = centre + h;
  const double low = centre - h;
  const double slope = (at(high) - at(low)) / (high - low);
  leaf.mutable_data<double>()[index] = centre;
  return slope;
}

/// The largest error of analytic[i] as the gradient of f at leaves[i], and a description of it.
struct Worst {
  double error = 0;
  std::string description;
};

Worst compare(const ScalarFunction& f, const std::vector<Tensor>& leaves,
              const std::vector<Tensor>& analytic, const std::string& order) {
  const Restore restore(that_require_grad(leaves));
  Worst worst;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (!leaves[i].requires_grad()) {
      continue;
    }
    for (std::size_t j = 0; j < leaves[i].data<double>().size(); ++j) {
      const double a = analytic[i].defined() ? analytic[i].data<double>()[j] : 0;
      const double h = kStep * std::max(1.0, std::abs(leaves[i].data<double>()[j]));
      const double n = difference(f, leaves[i], j, h);
      if (relative_error(a, n) > worst.error) {
        worst.error = relative_error(a, n);
        worst.description = fmt::format(
            "{} order, input {} of shape {}, element {}: analytic {:.10g}, numeric {:.10g} "
            "({:.10g} at 10 times, {:.10g} at 100 times the step), error {:.3g}",
            order, i, leaves[i].shape(), j, a, n, difference(f, leaves[i], j, 10 * h),
            difference(f, leaves[i], j, 100 * h), worst.error);
      }
    }
  }
  return worst;
}

/// Gradients for every input, undefined where there is none.
std::vector<Tensor> gradients(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                              const std::vector<Tensor>& cotangents, bool create_graph) {
  const std::vector<Tensor> found = grad(outputs, that_require_grad(inputs), cotangents,
                                         {.create_graph = create_graph, .allow_unused = true});
  std::vector<Tensor> result(inputs.size());
  for (std::size_t i = 0, next = 0; i < inputs.size(); ++i) {
    if (inputs[i].requires_grad()) {
      result[i] = found[next++];
    }
  }
  return result;
}

/// The outputs of `function` that are part of the graph.
std::vector<Tensor> differentiable(const TensorFunction& function,
                                   const std::vector<Tensor>& inputs) {
  const GradModeGuard guard(true);
  return that_require_grad(function(inputs));
}

Worst check_first(const TensorFunction& function, const std::vector<Tensor>& inputs,
                  Generator& generator) {
  const std::vector<Tensor> outputs = differentiable(function, inputs);
  if (outputs.empty()) {
    fail("gradcheck: no output requires a gradient; hint: does the function record()?");
  }
  const std::vector<Tensor> u = random_like(outputs, generator);
  const std::vector<Tensor> analytic = gradients(outputs, inputs, u, false);
  const ScalarFunction f = [&] { return dot(differentiable(function, inputs), u); };
  return compare(f, inputs, analytic, "first");
}

Worst check_second(const TensorFunction& function, const std::vector<Tensor>& inputs,
                   Generator& generator) {
  std::vector<Tensor> u = random_like(differentiable(function, inputs), generator);
  std::vector<Tensor> leaves = inputs;  // and then the cotangents
  for (Tensor& cotangent : u) {
    leaves.push_back(cotangent.set_requires_grad());
  }
  const auto first_order = [&](bool create_graph) {
    return gradients(differentiable(function, inputs), inputs, u, create_graph);
  };
  std::vector<Tensor> v;
  std::vector<Tensor> outputs;
  std::vector<Tensor> output_v;
  for (const Tensor& gradient : first_order(true)) {
    v.push_back(gradient.defined() ? randn(gradient.shape(), generator, DType::float64) : Tensor());
    if (gradient.requires_grad()) {
      outputs.push_back(gradient);
      output_v.push_back(v.back());
    }
  }
  const std::vector<Tensor> analytic = outputs.empty()
                                           ? std::vector<Tensor>(leaves.size())
                                           : gradients(outputs, leaves, output_v, false);
  const ScalarFunction f = [&] { return dot(first_order(false), v); };
  return compare(f, leaves, analytic, "second");
}

/// The largest error of float32 tensors against the same in float64.
double float32_error(const std::vector<Tensor>& narrow, const std::vector<Tensor>& wide) {
  double worst = 0;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    for (std::int64_t j = 0; wide[i].defined() && j < wide[i].numel(); ++j) {
      const auto at = static_cast<std::size_t>(j);
      worst = std::max(worst, relative_error(static_cast<double>(narrow[i].data<float>()[at]),
                                             wide[i].data<double>()[at]));
    }
  }
  return worst;
}

std::vector<Tensor> singles(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> result;
  result.reserve(tensors.size());
  for (const Tensor& x : tensors) {
    result.push_back(is_floating(x.dtype())
                         ? x.detach().to(DType::float32).set_requires_grad(x.requires_grad())
                         : x);
  }
  return result;
}

/// How far float32 is from float64 in one sample.
struct Float32Errors {
  double output;
  double gradient;
};

Float32Errors float32_errors(const Sample& sample, Generator& generator) {
  const std::vector<Tensor> inputs = singles(sample.inputs);
  const std::vector<Tensor> wide = differentiable(sample.function, sample.inputs);
  const std::vector<Tensor> narrow = differentiable(sample.function, inputs);
  const std::vector<Tensor> u = random_like(wide, generator);
  return {.output = float32_error(narrow, wide),
          .gradient = float32_error(gradients(narrow, inputs, singles(u), false),
                                    gradients(wide, sample.inputs, u, false))};
}

/// The sample with one of several inputs as a constant, so that the op is asked for the gradients
/// of the others alone; nothing if there are not several.
std::optional<std::vector<Tensor>> with_a_constant(const Sample& sample, Generator& generator) {
  const auto count = std::ssize(that_require_grad(sample.inputs));
  if (count < 2) {
    return std::nullopt;
  }
  std::vector<Tensor> inputs = sample.inputs;
  std::int64_t chosen = generator.integer(count);
  const auto constant = std::ranges::find_if(
      inputs, [&](const Tensor& x) { return x.requires_grad() && chosen-- == 0; });
  *constant = constant->detach();
  return inputs;
}

using Note = std::function<void(const std::string&)>;

void check_gradients(const Sample& sample, std::uint64_t seed, OpReport& report, const Note& note) {
  const GradcheckResult result = gradcheck(sample.function, sample.inputs, {.seed = seed});
  report.error = std::max(report.error, result.error);
  report.second_error = std::max(report.second_error, result.second_error);
  if (!result.ok()) {
    note(result.failure);
  }
  Generator generator(seed);
  if (const auto inputs = with_a_constant(sample, generator)) {
    const GradcheckResult rest =
        gradcheck(sample.function, *inputs, {.second_order = false, .seed = seed});
    report.error = std::max(report.error, rest.error);
    if (!rest.ok()) {
      note("with a constant among the inputs: " + rest.failure);
    }
  }
}

void check_float32(const Sample& sample, std::uint64_t seed, const Note& note) {
  Generator generator(seed);
  const auto [output_error, gradient_error] = float32_errors(sample, generator);
  if (output_error > kFloat32Tolerance) {
    note(fmt::format("float32 output differs from float64 by {:.3g}", output_error));
  }
  if (gradient_error > kFloat32Tolerance) {
    note(fmt::format("float32 gradient differs from float64 by {:.3g}", gradient_error));
  }
}

void check_recording(const Sample& sample, const Note& note) {
  const auto lost = [](const Tensor& y) { return is_floating(y.dtype()) && !y.requires_grad(); };
  if (std::ranges::any_of(sample.function(sample.inputs), lost)) {
    note("a floating output is not recorded");
  }
  const NoGradGuard guard;
  if (std::ranges::any_of(sample.function(sample.inputs), &Tensor::requires_grad)) {
    note("recorded under NoGradGuard");
  }
}

void check_sample(const Op& op, std::uint64_t seed, int number, OpReport& report) {
  const Note note = [&](const std::string& text) {
    report.failures.push_back(fmt::format("{}, sample {}: {}", report.name, number, text));
  };
  try {
    Sampler sampler(seed);
    const Sample sample = op.sample(sampler);
    check_gradients(sample, seed, report, note);
    check_float32(sample, seed, note);
    check_recording(sample, note);
  } catch (const Error& error) {
    note(error.what());
  }
}

void check_errors(const Op& op, OpReport& report) {
  for (const ErrorSample& wrong : op.errors()) {
    std::string message = "no error";
    try {
      wrong.call();
    } catch (const Error& error) {
      message = error.what();
    }
    if (message != wrong.message) {
      report.failures.push_back(fmt::format("{}: wrong error message; got '{}'; expected '{}'",
                                            op.name(), message, wrong.message));
    }
  }
}

}  // namespace

GradcheckResult gradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options) {
  const std::vector<Tensor> wanted = that_require_grad(inputs);
  if (wanted.empty()) {
    fail("gradcheck: no input requires a gradient; hint: call set_requires_grad()");
  }
  for (const Tensor& input : wanted) {
    if (input.dtype() != DType::float64) {
      fail("gradcheck: an input is not float64; got {}; hint: convert it with to()",
           name(input.dtype()));
    }
    if (!input.is_leaf()) {
      fail("gradcheck: an input is the result of an op; expected leaves; hint: detach() it");
    }
  }
  Generator generator(options.seed);
  GradcheckResult result;
  const Worst first = check_first(function, inputs, generator);
  result.error = first.error;
  if (first.error > options.tolerance) {
    result.failure = first.description;
  } else if (options.second_order) {
    const Worst second = check_second(function, inputs, generator);
    result.second_error = second.error;
    if (second.error > options.second_tolerance) {
      result.failure = second.description;
    }
  }
  return result;
}

double directional_error(const std::function<Tensor()>& loss, const std::vector<Tensor>& parameters,
                         std::uint64_t seed) {
  Generator generator(seed);
  const std::vector<Tensor> direction = random_like(parameters, generator);
  const double analytic = dot(grad({loss()}, parameters, {}, {.allow_unused = true}), direction);

  const NoGradGuard guard;
  const Restore restore(parameters);
  const auto at = [&](double step) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      std::ranges::transform(restore.elements()[i], direction[i].data<double>(),
                             Tensor(parameters[i]).mutable_data<double>().begin(),
                             [step](double x, double d) { return x + d * step; });
    }
    return loss().item();
  };
  // f'(0) = (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h + O(h^4). A wrong gradient is wrong at
  // every step size; a kink within reach of a large step is not within reach of a small one.
  double error = std::numeric_limits<double>::infinity();
  for (const double h : {1e-4, 1e-5, 1e-6}) {
    const double numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    error = std::min(error, relative_error(analytic, numeric));
  }
  return error;
}

OpReport check_op(const Op& op, int samples, std::uint64_t seed) {
  OpReport report{
      .name = op.name(), .samples = samples, .error = 0, .second_error = 0, .failures = {}};
  for (int number = 0; number < samples; ++number) {
    check_sample(op, seed + static_cast<std::uint64_t>(number), number, report);
  }
  check_errors(op, report);
  return report;
}

}  // namespace weft
