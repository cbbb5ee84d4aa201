#include "autograd/gradcheck/problem.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <new>

#include "autograd/engine.hpp"
#include "autograd/tape.hpp"

namespace weft::detail {

void expect_fit(const std::vector<Tensor>& values, const std::vector<Tensor>& weights) {
  if (!std::ranges::equal(values, weights, [](const Tensor& value, const Tensor& weight) {
        return !value.defined() || !weight.defined() || value.shape() == weight.shape();
      })) {
    throw ShapesChanged();
  }
}

std::vector<Tensor> Problem::values_like(const std::vector<Tensor>& weights) const {
  std::vector<Tensor> found = values();
  expect_fit(found, weights);
  return found;
}

template <class F>
double Weighed::sum(F&& term) const {
  const auto at = [](const std::vector<double>& values, std::size_t j) {
    return values.empty() ? 0.0 : values[j];
  };
  const Values now = elements(problem_.values_like(weights_));
  double total = 0;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const std::size_t size = weights_[i].defined() ? weights_[i].data<double>().size() : 0;
    for (std::size_t j = 0; j < size; ++j) {
      total += term(at(now[i], j), at(origin_[i], j), weights_[i].data<double>()[j]);
    }
  }
  return total;
}

double Weighed::operator()() const {
  return sum([](double now, double origin, double weight) { return (now - origin) * weight; });
}

double Weighed::rounding() const {
  return std::numeric_limits<double>::epsilon() * sum([](double now, double origin, double weight) {
           return now == origin ? 0 : std::abs(origin * weight);
         });
}

std::vector<Tensor> outputs_of(const TensorFunction& function, const std::vector<Tensor>& inputs) {
  const GradModeGuard guard(true);
  return function(inputs);
}

std::vector<Tensor> differentiable(const TensorFunction& function,
                                   const std::vector<Tensor>& inputs) {
  return that_require_grad(outputs_of(function, inputs));
}

std::vector<Tensor> gradients(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                              const std::vector<Tensor>& cotangents, bool create_graph) {
  std::vector<Tensor> found;
  try {
    found = grad(outputs, that_require_grad(inputs), cotangents,
                 {.create_graph = create_graph, .allow_unused = true});
  } catch (const std::bad_alloc&) {  // says nothing about the function
    throw;
  } catch (const std::exception& error) {
    throw BackwardError(error.what());
  }
  std::vector<Tensor> result(inputs.size());
  for (std::size_t i = 0, next = 0; i < inputs.size(); ++i) {
    if (inputs[i].requires_grad()) {
      result[i] = found[next++];
    }
  }
  return result;
}

Problem first_order(const TensorFunction& function, const std::vector<Tensor>& inputs) {
  return {.order = 1,
          .leaves = inputs,
          .num_inputs = inputs.size(),
          .values = [function, inputs] { return differentiable(function, inputs); },
          .gradients =
              [function, inputs](const std::vector<Tensor>& weights) {
                const std::vector<Tensor> outputs = differentiable(function, inputs);
                expect_fit(outputs, weights);
                return gradients(outputs, inputs, weights, false);
              },
          .recorded_values = {}};
}

Problem second_order(const TensorFunction& function, const std::vector<Tensor>& inputs,
                     std::vector<Tensor> cotangents) {
  std::vector<Tensor> leaves = inputs;
  for (Tensor& cotangent : cotangents) {
    leaves.push_back(cotangent.set_requires_grad());
  }
  const auto first = [=](bool create_graph) {
    const std::vector<Tensor> outputs = differentiable(function, inputs);
    expect_fit(outputs, cotangents);
    return gradients(outputs, inputs, cotangents, create_graph);
  };
  const auto second = [=](const std::vector<Tensor>& weights) {
    std::vector<Tensor> outputs;
    std::vector<Tensor> output_weights;
    const std::vector<Tensor> all = first(true);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].requires_grad()) {
        outputs.push_back(all[i]);
        output_weights.push_back(weights[i]);
      }
    }
    return outputs.empty() ? std::vector<Tensor>(leaves.size())
                           : gradients(outputs, leaves, output_weights, false);
  };
  return {.order = 2,
          .leaves = leaves,
          .num_inputs = inputs.size(),
          .values = [first] { return first(false); },
          .gradients = second,
          .recorded_values = [first] { return first(true); }};
}

Comparison compare(const Problem& problem, const std::vector<Tensor>& weights, double tolerance) {
  Comparison result{.weights = weights,
                    .analytic = elements(problem.gradients(weights)),
                    .numeric = Values(problem.leaves.size())};
  const Restore restore(that_require_grad(problem.leaves));
  const Weighed weighed(problem, weights);
  for (std::size_t i = 0; i < problem.leaves.size(); ++i) {
    const Tensor& leaf = problem.leaves[i];
    if (!leaf.requires_grad()) {
      continue;
    }
    result.analytic[i].resize(static_cast<std::size_t>(leaf.numel()));  // none at all is zero
    for (std::size_t j = 0; j < result.analytic[i].size(); ++j) {
      const Along f(weighed, leaf, j);
      const double analytic = result.analytic[i][j];
      double numeric = f.slope(step_at(f.centre()));
      if (relative_error(analytic, numeric) > tolerance) {
        const Along rounding([&] { return weighed.rounding(); }, leaf, j);
        numeric = slope_for(analytic, f, rounding(100 * step_at(f.centre())));
      }
      result.numeric[i].push_back(numeric);
      const double error = relative_error(analytic, numeric);
      if (error > result.error) {
        result.error = error;
        result.leaf = i;
        result.element = j;
      }
    }
  }
  return result;
}

}  // namespace weft::detail
