#include "autograd/gradcheck/report.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "autograd/gradcheck/view.hpp"

namespace weft {

std::string_view name(Diagnosis diagnosis) {
  switch (diagnosis) {
    case Diagnosis::none:
      return "none";
    case Diagnosis::factor:
      return "factor";
    case Diagnosis::sign:
      return "sign";
    case Diagnosis::zero:
      return "zero gradient";
    case Diagnosis::offset:
      return "constant offset";
    case Diagnosis::function:
      return "function of the right gradient";
    case Diagnosis::one_element:
      return "wrong in one element";
    case Diagnosis::slice:
      return "wrong in one slice";
    case Diagnosis::some_values:
      return "wrong for some values";
    case Diagnosis::transposed:
      return "transposed";
    case Diagnosis::misplaced:
      return "misplaced elements";
    case Diagnosis::exchanged:
      return "gradients of inputs exchanged";
    case Diagnosis::broadcast_sum:
      return "missing broadcast sum";
    case Diagnosis::extra_sum:
      return "sum too many";
    case Diagnosis::not_accumulated:
      return "not accumulated";
    case Diagnosis::not_recorded:
      return "not recorded";
    case Diagnosis::ignores_cotangent:
      return "incoming gradient left out";
    case Diagnosis::ignores_output:
      return "gradient of an output left out";
    case Diagnosis::create_graph:
      return "wrong under create_graph";
    case Diagnosis::refused:
      return "backward refused";
    case Diagnosis::not_a_number:
      return "not a number";
    case Diagnosis::kink:
      return "kink within reach";
    case Diagnosis::float32:
      return "float32 inside";
    case Diagnosis::not_deterministic:
      return "not deterministic";
    case Diagnosis::unexplained:
      return "unexplained";
  }
  return "unexplained";
}

namespace detail {
namespace {

constexpr std::size_t kWidth = 88;

/// `text` wrapped to at most kWidth columns; all lines but the first are indented by `indent`.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string result;
  std::size_t column = indent;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (column + end - begin > kWidth && column > indent) {
      result.back() = '\n';
      result.append(indent, ' ');
      column = indent;
    }
    result.append(text, begin, end - begin).push_back(' ');
    column += end - begin + 1;
    begin = end + 1;
  }
  return result.substr(0, result.find_last_not_of(' ') + 1);
}

std::string line(std::string_view key, const std::string& text) {
  constexpr std::size_t kIndent = 12;
  return fmt::format("\n  {:<9} {}", key, wrapped(text, kIndent));
}

std::string place(const GradcheckResult& result, std::size_t num_inputs) {
  return result.input < num_inputs
             ? fmt::format("input {} of shape {}, element {}", result.input, result.shape,
                           result.index)
             : fmt::format("incoming gradient of output {} of shape {}, element {}",
                           result.input - num_inputs, result.shape, result.index);
}

}  // namespace

void describe_worst(const Problem& problem, const Comparison& comparison, GradcheckResult& result) {
  const Tensor& leaf = problem.leaves[comparison.leaf];
  if (comparison.analytic[comparison.leaf].empty()) {
    return;  // every gradient is empty
  }
  const Restore restore(that_require_grad(problem.leaves));
  const Along f(Weighed(problem, comparison.weights), leaf, comparison.element);
  result.input = comparison.leaf;
  result.shape = leaf.shape();
  result.index = index_of(comparison.element, leaf.shape());
  result.analytic = comparison.analytic[comparison.leaf][comparison.element];
  double h = step_at(f.centre());
  for (std::size_t i = 0; i < result.steps.size(); ++i, h *= 10) {
    result.steps[i] = h;
    result.numeric[i] = f.slope(h);
  }
  result.numeric_error = std::abs(result.numeric[0] - result.numeric[1]);
}

std::string report(const GradcheckResult& result, const GradcheckOptions& options,
                   std::size_t num_inputs) {
  const bool first = result.order < 2;
  std::string text = fmt::format("wrong gradient of {} order: {}", first ? "first" : "second",
                                 name(result.diagnosis));
  if (!result.op.empty()) {
    text += line("op", result.op);
  }
  if (result.steps[0] > 0) {
    const auto& n = result.numeric;
    const auto& h = result.steps;
    text += line("where", place(result, num_inputs) + ", the worst");
    text += line("analytic", fmt::format("{:.10g}", result.analytic));
    text += line("numeric", fmt::format("{:.10g} +- {:.1g}", n[0], result.numeric_error));
    text += line("by step", fmt::format("{:.10g} ({:.2g}), {:.10g} ({:.2g}), {:.10g} ({:.2g})",
                                        n[0], h[0], n[1], h[1], n[2], h[2]));
    text += line("error", fmt::format("{:.3g}, at most {:g} is allowed",
                                      first ? result.error : result.second_error,
                                      first ? options.tolerance : options.second_tolerance));
  }
  return text + line("diagnosis", result.explanation + ".");
}

}  // namespace detail
}  // namespace weft
