#include "autograd/gradcheck/diagnosis.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/gradcheck/trust.hpp"
#include "autograd/node.hpp"
#include "autograd/observer.hpp"
#include "autograd/tape.hpp"

namespace weft::detail {
namespace {

std::string listed(const std::vector<Use>& uses) {
  std::vector<std::string> names;
  names.reserve(uses.size());
  for (const Use& use : uses) {
    names.push_back(fmt::format("as input {} of '{}'", use.input, use.op));
  }
  return fmt::format("{}", fmt::join(names, " and "));
}

/// Describes the input of an op that left the graph; empty if none did.
std::string escaped(const Testimony& testimony) {
  return testimony.detached.empty()
             ? ""
             : fmt::format(
                   ". It is used {} outside the graph: was it detach()ed, made by an op under "
                   "NoGradGuard, or out of raw elements?",
                   listed(testimony.detached));
}

/// What the tape reveals about one wrong input.
std::optional<Finding> by_tape(const Testimony& testimony, std::size_t leaf, bool is_zero) {
  const auto& [uses, silent, lost] = testimony.leaves[leaf];
  if (is_zero && uses.empty()) {
    return Finding{Diagnosis::not_recorded,
                   "no recorded op takes this input, though the outputs depend on it" +
                       (testimony.detached.empty() ? ". Is it among the inputs given to record()?"
                                                   : escaped(testimony))};
  }
  if (is_zero) {
    return std::nullopt;
  }
  if (uses.size() > 1 && !silent.empty()) {
    return Finding{Diagnosis::not_accumulated,
                   fmt::format("the input is used {} times and no gradient comes from its use {}. "
                               "The gradients of all uses are to be added up",
                               uses.size(), listed(silent))};
  }
  if (lost) {
    return Finding{Diagnosis::not_accumulated,
                   fmt::format("the input is used {} times; each use returned a gradient, but what "
                               "arrived is not their sum",
                               uses.size())};
  }
  if (!testimony.detached.empty()) {
    return Finding{Diagnosis::not_accumulated,
                   "the gradient of one use of the input is missing" + escaped(testimony)};
  }
  return std::nullopt;
}

bool is_zero(const std::vector<double>& gradient) { return largest(gradient) == 0; }

/// Why the second order is wrong although the first is right.
std::string why_second_is_wrong(const Problem& problem, const Evidence& evidence,
                                double tolerance) {
  const std::vector<Tensor> recorded = problem.recorded_values();
  if (!close(joined(problem.values()), joined(recorded))) {
    return "with create_graph the first-order gradient itself is another than without: the "
           "backward function has two branches, and that for create_graph is wrong";
  }
  if (std::ranges::none_of(recorded, &Tensor::requires_grad)) {
    return "the gradient that the backward function returns is not on the tape: it was detached, "
           "or made of raw elements. It must be made by weft's ops";
  }
  const auto is_input = [&](std::size_t leaf) { return leaf < problem.num_inputs; };
  if (std::ranges::none_of(evidence.wrong, is_input)) {
    return "the gradient does not know all of its dependence on the incoming gradient: the "
           "backward function detaches it somewhere";
  }
  if (std::ranges::all_of(evidence.wrong, [&](std::size_t leaf) {
        return is_input(leaf) && is_zero(evidence.draws[0].analytic[leaf]);
      })) {
    return "the gradient does not know that it depends on the inputs: the backward function works "
           "on a detached copy of them, or on their raw elements";
  }
  const Finding pattern = best_pattern(problem, evidence, tolerance);
  return fmt::format("the backward function's own derivative is wrong ({}): {}",
                     name(pattern.diagnosis), pattern.text);
}

bool same_in_every_pass(const Problem& problem, const Comparison& comparison) {
  constexpr int kPasses = 2;  // a value left over from an earlier pass might be right by chance
  for (int pass = 0; pass < kPasses; ++pass) {
    Values again = elements(problem.gradients(comparison.weights));
    for (std::size_t i = 0; i < again.size(); ++i) {
      again[i].resize(comparison.analytic[i].size());
      if (!close(again[i], comparison.analytic[i])) {
        return false;
      }
    }
  }
  return true;
}

bool finite(const Values& values) {
  return std::ranges::all_of(values, [](const std::vector<double>& gradient) {
    return std::ranges::all_of(gradient, [](double x) { return std::isfinite(x); });
  });
}

/// Reasons that make a comparison meaningless or are not covered by patterns.
std::optional<Finding> before_patterns(const Problem& problem, const Comparison& comparison,
                                       double tolerance) {
  if (!same_values_twice(problem)) {
    return Finding{Diagnosis::not_deterministic,
                   "two calls at the same point give different outputs, so differences mean "
                   "nothing. Draw random numbers from a generator that is set anew in each call"};
  }
  if (!finite(comparison.analytic)) {
    return Finding{Diagnosis::not_a_number,
                   "analytic is infinite or not a number in some element: a division by zero, a "
                   "logarithm or root of something negative, or memory that nobody wrote"};
  }
  if (!finite(comparison.numeric)) {
    return Finding{Diagnosis::not_a_number,
                   "the function is infinite or not a number a step away from these inputs, though "
                   "its gradient is finite. Are they at the edge of its domain?"};
  }
  if (auto doubt = doubt_about_differences(problem, comparison, tolerance)) {
    return doubt;
  }
  if (!same_in_every_pass(problem, comparison)) {
    return Finding{Diagnosis::not_deterministic,
                   "two backward passes at the same point, with the same incoming gradient, give "
                   "different gradients. The backward function keeps something from one call to "
                   "the next, or draws random numbers"};
  }
  return std::nullopt;
}

}  // namespace

Finding diagnose(const Problem& problem, const Comparison& comparison, const Testimony& testimony,
                 double tolerance, Generator& generator) {
  if (const auto found = before_patterns(problem, comparison, tolerance)) {
    return *found;
  }
  const Evidence evidence = gather(problem, comparison, tolerance, generator);
  if (problem.order == 2) {
    return {Diagnosis::create_graph, "right in first order, wrong in second: " +
                                         why_second_is_wrong(problem, evidence, tolerance)};
  }
  for (const std::size_t leaf : evidence.wrong) {
    if (const auto found = by_tape(testimony, leaf, is_zero(comparison.analytic[leaf]))) {
      return *found;
    }
  }
  return best_pattern(problem, evidence, tolerance);
}

namespace {

/// Records the last gradients that a backward function returned.
class LastReturned : public Observer {
 public:
  Gradients call(const Node& node, const Backward& backward) override {
    Gradients gradients = Observer::call(node, backward);
    expected.clear();
    got.clear();
    for (const Node::Meta& input : node.inputs) {
      expected.push_back(input.shape);
    }
    for (const Gradient& gradient : gradients) {
      got.push_back(gradient.defined() ? gradient.shape() : Shape());
    }
    return gradients;
  }

  std::vector<Shape> expected;
  std::vector<Shape> got;
};

bool same_sizes(Shape a, Shape b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  return a == b;
}

/// Whether `small` is `large` with some dimensions removed.
bool is_part_of(const Shape& small, const Shape& large) {
  std::size_t next = 0;
  for (const std::int64_t size : large) {
    next += next < small.size() && small[next] == size ? 1 : 0;
  }
  return next == small.size() && small.size() < large.size();
}

std::optional<Finding> by_shape(const LastReturned& last, std::size_t input) {
  const Shape& got = last.got[input];
  const Shape& expected = last.expected[input];
  for (std::size_t other = 0; other < last.got.size(); ++other) {
    if (other != input && got == last.expected[other] && last.got[other] == expected) {
      return Finding{Diagnosis::exchanged,
                     fmt::format("the gradients of inputs {} and {} came in each other's place",
                                 input, other)};
    }
  }
  if (same_sizes(got, expected)) {
    return Finding{Diagnosis::transposed, "A transpose is missing, or one too many"};
  }
  if (is_part_of(expected, got)) {
    return Finding{Diagnosis::broadcast_sum,
                   "the input was broadcast, and its gradient is to be summed over the dimensions "
                   "that it lacks. The engine does so only where shapes broadcast by NumPy's rule"};
  }
  return std::nullopt;
}

}  // namespace

Finding diagnose_refusal(const std::string& message, const TensorFunction& function,
                         const std::vector<Tensor>& inputs) {
  LastReturned last;
  const std::vector<Tensor> outputs = differentiable(function, inputs);
  Generator generator(0);
  try {
    gradients(outputs, inputs, random_like(outputs, generator), false);
  } catch (const BackwardError&) {  // expected
  }
  for (std::size_t i = 0; last.got.size() == last.expected.size() && i < last.got.size(); ++i) {
    const bool fits = broadcasts_to(last.expected[i], last.got[i]);
    if (const auto found = fits ? std::nullopt : by_shape(last, i)) {
      return {found->diagnosis, message + ". " + found->text};
    }
  }
  return {Diagnosis::refused, message};
}

}  // namespace weft::detail
