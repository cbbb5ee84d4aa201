#include <algorithm>
#include <exception>
#include <new>
#include <optional>

#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/gradcheck/problem.hpp"
#include "autograd/tape.hpp"

namespace weft {
namespace {

using detail::differentiable;
using detail::gradients;
using detail::random_like;
using detail::relative_error;
using detail::that_require_grad;

constexpr double kFloat32Tolerance = 1e-4;

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
  const auto add = [&](const GradcheckResult& result, const std::string& when) {
    report.error = std::max(report.error, result.error);
    report.second_error = std::max(report.second_error, result.second_error);
    if (!result.ok()) {
      note(when + result.failure);
      report.diagnoses.push_back(result.diagnosis);
    }
  };
  add(gradcheck(sample.function, sample.inputs, {.seed = seed}), "");
  Generator generator(seed);
  if (const auto inputs = with_a_constant(sample, generator)) {
    add(gradcheck(sample.function, *inputs, {.second_order = false, .seed = seed}),
        "with a constant among the inputs: ");
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
  } catch (const std::bad_alloc&) {  // says nothing about the op
    throw;
  } catch (const std::exception& error) {
    note(error.what());
  }
}

void check_errors(const Op& op, OpReport& report) {
  for (const ErrorSample& wrong : op.errors()) {
    std::string message = "no error";
    try {
      wrong.call();
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      message = error.what();
    }
    if (message != wrong.message) {
      report.failures.push_back(fmt::format("{}: wrong error message; got '{}'; expected '{}'",
                                            op.name(), message, wrong.message));
    }
  }
}

}  // namespace

OpReport check_op(const Op& op, int samples, std::uint64_t seed) {
  OpReport report{.name = op.name(),
                  .samples = samples,
                  .error = 0,
                  .second_error = 0,
                  .failures = {},
                  .diagnoses = {}};
  for (int number = 0; number < samples; ++number) {
    check_sample(op, seed + static_cast<std::uint64_t>(number), number, report);
  }
  check_errors(op, report);
  return report;
}

}  // namespace weft
