#include "autograd/gradcheck/trust.hpp"

#include <algorithm>
#include <cmath>

namespace weft::detail {
namespace {

constexpr std::size_t kMostElements = 64;

/// An element whose gradient is wrong, and <F, weights> along it.
struct Doubtful {
  Along f;
  double h;
  double analytic;

  double error(double step) const { return std::abs(analytic - f.slope(step)); }
};

/// Worst first, at most `kMostElements`.
std::vector<Doubtful> doubtful(const Problem& problem, const Comparison& comparison,
                               double tolerance) {
  const Weighed weighed(problem, comparison.weights);
  std::vector<std::pair<double, Doubtful>> found;
  for (std::size_t i = 0; i < problem.leaves.size(); ++i) {
    for (std::size_t j = 0; j < comparison.numeric[i].size(); ++j) {
      const double a = comparison.analytic[i][j];
      const double error = relative_error(a, comparison.numeric[i][j]);
      if (error > tolerance) {
        const Along f(weighed, problem.leaves[i], j);
        found.push_back({error, {f, step_at(f.centre()), a}});
      }
    }
  }
  std::ranges::sort(found, std::ranges::greater(), [](const auto& pair) { return pair.first; });
  std::vector<Doubtful> result;
  for (std::size_t i = 0; i < std::min(found.size(), kMostElements); ++i) {
    result.push_back(found[i].second);
  }
  return result;
}

double size_of_values(const Problem& problem) {
  double size = 0;
  for (const Tensor& value : problem.values()) {
    for (const double y : value.defined() ? value.to_vector<double>() : std::vector<double>()) {
      size = std::max(size, std::abs(y));
    }
  }
  return size;
}

/// Rounding to float32 changes F by a relative error of about 1e-7, and a difference by 1e-7 F / h:
/// large steps come close to the gradient, small ones do not.
std::optional<Finding> float32_inside(const Problem& problem,
                                      const std::vector<Doubtful>& elements) {
  const Doubtful& worst = elements[0];
  const double noise = worst.error(worst.h) * worst.h / size_of_values(problem);
  const auto explained = [](const Doubtful& element) {
    const double far = element.error(1000 * element.h);
    return far < 1e-2 * std::max(1.0, std::abs(element.analytic));
  };
  if (!(noise > 1e-10 && noise < 1e-5) ||
      worst.error(1000 * worst.h) > 0.1 * worst.error(worst.h) ||
      !std::ranges::all_of(elements, explained)) {
    return std::nullopt;
  }
  return Finding{Diagnosis::float32,
                 fmt::format("the function is rough by about {:.0e} of its values, as if it were "
                             "computed in float32: differences come closer to analytic as the "
                             "step grows. The gradient may be right; compute in the inputs' dtype "
                             "throughout",
                             noise)};
}

enum class Shape1D : std::uint8_t { smooth, kink, jump };

Shape1D shape_at(const Doubtful& element) {
  const Along& f = element.f;
  const double h = element.h;
  const double a = element.analytic;
  const double here = f(0);
  const auto right = [&](double step) { return (f(step) - here) / step; };
  const auto left = [&](double step) { return (here - f(-step)) / step; };
  const auto gap_at = [&](double step) { return std::abs(right(step) - left(step)); };
  const double gap = gap_at(h);
  const auto same = [&](double other) { return std::abs(gap - other) < 0.2 * gap; };
  const double slack = 1e-3 * std::max(1.0, std::abs(a));
  if (gap > slack && same(gap_at(h / 10)) && same(gap_at(100 * h)) &&
      a > std::min(left(h), right(h)) - slack && a < std::max(left(h), right(h)) + slack) {
    return Shape1D::kink;  // for a smooth function the gap shrinks with the step
  }
  const double slope = f.slope(h);
  return std::abs(slope) > 1e3 && std::abs(10 * f.slope(10 * h) - slope) < 1e-2 * std::abs(slope)
             ? Shape1D::jump
             : Shape1D::smooth;
}

std::optional<Finding> kink(const std::vector<Doubtful>& elements) {
  const auto smooth = [](const Doubtful& element) { return shape_at(element) == Shape1D::smooth; };
  if (std::ranges::any_of(elements, smooth)) {
    return std::nullopt;
  }
  const Along& f = elements[0].f;
  const double h = elements[0].h;
  const double here = f(0);
  const std::string advice =
      "Differences and formulas disagree there by nature; let samples keep away "
      "(Sampler::away_from_zero)";
  switch (shape_at(elements[0])) {
    case Shape1D::kink:
      return Finding{Diagnosis::kink,
                     fmt::format("the function has a kink at this element: its slope is {:.6g} on "
                                 "the left and {:.6g} on the right. {}",
                                 (here - f(-h)) / h, (f(h) - here) / h, advice)};
    default:
      return Finding{Diagnosis::kink,
                     fmt::format("the function jumps within {:.1g} of this element: it changes by "
                                 "{:.3g}. {}",
                                 h, f(h) - f(-h), advice)};
  }
}

}  // namespace

bool same_values_twice(const Problem& problem) {
  const std::vector<Tensor> first = problem.values();
  return std::ranges::equal(first, problem.values(), [](const Tensor& a, const Tensor& b) {
    return a.defined() == b.defined() && (!a.defined() || identical(a, b));
  });
}

std::optional<Finding> doubt_about_differences(const Problem& problem, const Comparison& comparison,
                                               double tolerance) {
  const Restore restore(that_require_grad(problem.leaves));
  const std::vector<Doubtful> elements = doubtful(problem, comparison, tolerance);
  if (auto found = float32_inside(problem, elements)) {
    return found;
  }
  return kink(elements);
}

std::optional<Finding> rounded_output(const std::vector<Tensor>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].requires_grad() && outputs[i].dtype() != DType::float64) {
      return Finding{Diagnosis::float32,
                     fmt::format("output {} is {}, though the inputs are float64: the function "
                                 "rounds. Compute in the inputs' dtype throughout",
                                 i, name(outputs[i].dtype()))};
    }
  }
  return std::nullopt;
}

std::optional<Finding> lost_output(const TensorFunction& function,
                                   const std::vector<Tensor>& inputs) {
  constexpr double kStep = 1e-5;
  const auto lost = [](const Tensor& y) { return is_floating(y.dtype()) && !y.requires_grad(); };
  const std::vector<Tensor> here = outputs_of(function, inputs);
  if (std::ranges::none_of(here, lost)) {
    return std::nullopt;
  }
  const std::vector<Tensor> again = outputs_of(function, inputs);
  const std::vector<Tensor> leaves = that_require_grad(inputs);
  Generator generator(0);
  Restore restore(leaves);
  restore.move(random_like(leaves, generator), kStep);
  const std::vector<Tensor> nearby = outputs_of(function, inputs);
  for (std::size_t i = 0; i < std::min({here.size(), again.size(), nearby.size()}); ++i) {
    if (lost(here[i]) && identical(here[i], again[i]) && !identical(here[i], nearby[i])) {
      return Finding{Diagnosis::not_recorded,
                     fmt::format("output {} is not on the tape, though it depends on the inputs. "
                                 "Was it detach()ed, or made by an op under NoGradGuard?",
                                 i)};
    }
  }
  return std::nullopt;
}

bool rounded_to_float32(const Values& analytic) {
  constexpr double kResidue = 1e-6;  // the remainder of a difference may be a power of two
  return std::ranges::any_of(analytic, [](const std::vector<double>& gradient) {
    const auto telling = [](double a) { return std::abs(a) > kResidue && std::abs(a) < 1e30; };
    const auto narrow = [&](double a) {
      return !telling(a) || static_cast<double>(static_cast<float>(a)) == a;
    };
    return std::ranges::any_of(gradient, telling) && std::ranges::all_of(gradient, narrow);
  });
}

}  // namespace weft::detail
