#include "autograd/gradcheck/evidence.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weft::detail {
namespace {

constexpr std::size_t kLargestJacobian = 4'000'000;

/// dF/dx for each element x of one leaf; F must match `weights`.
Values jacobian_of(const Problem& problem, const std::vector<Tensor>& weights, Tensor leaf) {
  Values jacobian;
  for (std::size_t j = 0; j < static_cast<std::size_t>(leaf.numel()); ++j) {
    const double centre = leaf.data<double>()[j];
    const double high = centre + 10 * step_at(centre);
    const double low = centre - 10 * step_at(centre);
    leaf.mutable_data<double>()[j] = high;
    std::vector<double> column = joined(problem.values_like(weights));
    leaf.mutable_data<double>()[j] = low;
    const std::vector<double> below = joined(problem.values_like(weights));
    leaf.mutable_data<double>()[j] = centre;
    std::ranges::transform(column, below, column.begin(), [&](double above, double under) {
      return (above - under) / (high - low);
    });
    jacobian.push_back(std::move(column));
  }
  return jacobian;
}

double worst_error(const Draw& draw, std::size_t leaf) {
  double worst = 0;
  for (std::size_t j = 0; j < draw.numeric[leaf].size(); ++j) {
    worst = std::max(worst, relative_error(draw.analytic[leaf][j], draw.numeric[leaf][j]));
  }
  return worst;
}

void add_draw(const Problem& problem, Evidence& evidence, Generator& generator) {
  Draw draw{.weights = random_like(evidence.draws[0].weights, generator),
            .analytic = {},
            .numeric = Values(problem.leaves.size())};
  draw.analytic = elements(problem.gradients(draw.weights));
  for (std::size_t i = 0; i < problem.leaves.size(); ++i) {
    if (problem.leaves[i].requires_grad()) {
      draw.analytic[i].resize(static_cast<std::size_t>(problem.leaves[i].numel()));
      draw.numeric[i] = numeric_for(evidence, i, joined(draw.weights));
    }
  }
  evidence.draws.push_back(std::move(draw));
}

}  // namespace

std::vector<double> joined(const std::vector<Tensor>& weights) {
  std::vector<double> all;
  for (const Tensor& weight : weights) {
    if (weight.defined()) {
      const std::span<const double> data = weight.data<double>();
      all.insert(all.end(), data.begin(), data.end());
    }
  }
  return all;
}

std::vector<double> numeric_for(const Evidence& evidence, std::size_t leaf,
                                const std::vector<double>& weights) {
  std::vector<double> gradient;
  gradient.reserve(evidence.jacobian[leaf].size());
  for (const std::vector<double>& column : evidence.jacobian[leaf]) {
    gradient.push_back(std::inner_product(column.begin(), column.end(), weights.begin(), 0.0));
  }
  return gradient;
}

double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double value : values) {
    result = std::max(result, std::abs(value));
  }
  return result;
}

bool close(const std::vector<double>& a, const std::vector<double>& b) {
  const double allowed = 1e-5 * std::max(largest(a), largest(b)) + 1e-8;
  return std::ranges::equal(a, b,
                            [allowed](double x, double y) { return std::abs(x - y) <= allowed; });
}

bool Case::wrong(std::size_t j) const {
  return std::ranges::any_of(evidence.draws, [&](const Draw& draw) {
    return relative_error(draw.analytic[leaf][j], draw.numeric[leaf][j]) > tolerance;
  });
}

Evidence gather(const Problem& problem, const Comparison& comparison, double tolerance,
                Generator& generator) {
  Evidence evidence;
  std::size_t values = 0;
  for (const Tensor& value : problem.values()) {
    if (value.defined()) {
      evidence.shapes.push_back(value.shape());
      values += static_cast<std::size_t>(value.numel());
    }
  }
  evidence.draws.push_back({comparison.weights, comparison.analytic, comparison.numeric});
  std::size_t varied = 0;
  for (const std::vector<double>& gradient : comparison.numeric) {
    varied += gradient.size();
  }
  if (values * varied <= kLargestJacobian) {
    const Restore restore(that_require_grad(problem.leaves));
    for (const Tensor& leaf : problem.leaves) {
      evidence.jacobian.push_back(
          leaf.requires_grad() ? jacobian_of(problem, comparison.weights, leaf) : Values());
    }
    add_draw(problem, evidence, generator);
    add_draw(problem, evidence, generator);
  }
  for (std::size_t i = 0; i < problem.leaves.size(); ++i) {
    if (worst_error(evidence.draws[0], i) > tolerance) {
      evidence.wrong.push_back(i);
    }
  }
  std::ranges::sort(evidence.wrong, std::ranges::greater(),
                    [&](std::size_t leaf) { return worst_error(evidence.draws[0], leaf); });
  return evidence;
}

}  // namespace weft::detail
