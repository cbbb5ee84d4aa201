#include "autograd/gradcheck/gradcheck.hpp"

#include <algorithm>
#include <limits>

#include "autograd/engine.hpp"
#include "autograd/gradcheck/diagnosis.hpp"
#include "autograd/gradcheck/report.hpp"
#include "autograd/gradcheck/trust.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"

namespace weft {
namespace {

using detail::Comparison;
using detail::Finding;
using detail::Problem;

void check_inputs(const std::vector<Tensor>& inputs) {
  const std::vector<Tensor> wanted = detail::that_require_grad(inputs);
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
}

/// Checks both orders, one after the other, and stores what is wrong in the result.
class Check {
 public:
  Check(const TensorFunction& function, const std::vector<Tensor>& inputs,
        const GradcheckOptions& options)
      : function_(function), inputs_(inputs), options_(options), generator_(options.seed) {}

  GradcheckResult run() {
    const std::vector<Tensor> all = detail::outputs_of(function_, inputs_);
    const std::vector<Tensor> outputs = detail::that_require_grad(all);
    if (outputs.empty()) {
      blame({Diagnosis::not_recorded,
             "no output is on the tape, so there is no gradient at all. Does the function call "
             "record() and return what that returns? Is the input detach()ed?"});
      return result_;
    }
    if (const auto found = detail::rounded_output(all)) {
      blame(*found);
      return result_;
    }
    try {
      check(detail::first_order(function_, inputs_), detail::random_like(outputs, generator_));
      if (const auto found =
              result_.ok() ? detail::lost_output(function_, inputs_) : std::nullopt) {
        blame(*found);
      }
      if (result_.ok() && options_.second_order) {
        const Problem second =
            detail::second_order(function_, inputs_, detail::random_like(outputs, generator_));
        check(second, detail::random_like(second.recorded_values(), generator_));
      }
    } catch (const detail::BackwardError& error) {
      refused(error.what());
    } catch (const detail::ShapesChanged& error) {
      result_.order = std::max(result_.order, 1);
      blame({Diagnosis::not_deterministic, error.what()});
    }
    return result_;
  }

 private:
  void check(const Problem& problem, const std::vector<Tensor>& weights) {
    const bool first = problem.order == 1;
    const double tolerance = first ? options_.tolerance : options_.second_tolerance;
    const Comparison comparison = detail::compare(problem, weights, tolerance);
    (first ? result_.error : result_.second_error) = comparison.error;
    result_.order = problem.order;
    if (comparison.error > tolerance) {
      explain(problem, comparison, tolerance);
    } else if (first && detail::rounded_to_float32(comparison.analytic)) {
      detail::describe_worst(problem, comparison, result_);
      blame({Diagnosis::float32,
             "all elements of a gradient are float32 numbers: the backward function rounds to "
             "float32. Compute in the dtype of backward.grad()"});
    }
  }

  void explain(const Problem& problem, const Comparison& comparison, double tolerance) {
    const detail::Testimony testimony = detail::testify(function_, inputs_, generator_);
    const Finding finding = detail::diagnose(problem, comparison, testimony, tolerance, generator_);
    const bool one = testimony.ops.size() == 1;
    const bool told = finding.diagnosis != Diagnosis::kink &&
                      finding.diagnosis != Diagnosis::not_deterministic &&
                      !testimony.suspects.empty();
    result_.op = one ? testimony.ops[0] : told ? testimony.suspects[0] : "";
    detail::describe_worst(problem, comparison, result_);
    blame(finding);
  }

  /// A backward function threw, or the engine rejected its result.
  void refused(const std::string& message) {
    result_.order = result_.order == 0 ? 1 : 2;
    (result_.order == 1 ? result_.error : result_.second_error) =
        std::numeric_limits<double>::infinity();
    blame(detail::diagnose_refusal(message, function_, inputs_));
  }

  void blame(const Finding& finding) {
    result_.diagnosis = finding.diagnosis;
    result_.explanation = finding.text;
    result_.failure = detail::report(result_, options_, inputs_.size());
  }

  const TensorFunction& function_;
  const std::vector<Tensor>& inputs_;
  GradcheckOptions options_;
  Generator generator_;
  GradcheckResult result_;
};

}  // namespace

GradcheckResult gradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options) {
  check_inputs(inputs);
  return Check(function, inputs, options).run();
}

double directional_error(const std::function<Tensor()>& loss, const std::vector<Tensor>& parameters,
                         std::uint64_t seed) {
  Generator generator(seed);
  const std::vector<Tensor> direction = detail::random_like(parameters, generator);
  const double analytic =
      detail::dot(grad({loss()}, parameters, {}, {.allow_unused = true}), direction);

  const NoGradGuard guard;
  detail::Restore restore(parameters);
  const auto at = [&](double step) {
    restore.move(direction, step);
    return loss().item();
  };
  // f'(0) = (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h + O(h^4). A wrong gradient is wrong for
  // every step size; a kink within a large step is usually not within a small one.
  double error = std::numeric_limits<double>::infinity();
  for (const double h : {1e-4, 1e-5, 1e-6, 1e-7}) {
    const double numeric = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    error = std::min(error, detail::relative_error(analytic, numeric));
  }
  return error;
}

}  // namespace weft
