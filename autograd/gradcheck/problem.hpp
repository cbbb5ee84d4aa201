#pragma once

#include "autograd/error.hpp"
#include "autograd/gradcheck/differences.hpp"
#include "autograd/op.hpp"

/// What is compared: the derivative of a list of tensors F with respect to leaves, by the tape and
/// by finite differences. In first order F is the outputs of a function. In second order F is its
/// gradients, and the cotangents that they depend on are leaves like the inputs.
namespace weft::detail {

/// An exception thrown by a backward pass, not by the function under test.
class BackwardError : public Error {
 public:
  using Error::Error;
};

/// F has a different number of tensors, or tensors of different shapes, than in the first call.
class ShapesChanged : public Error {
 public:
  ShapesChanged() : Error("the number or shapes of the outputs depend on the inputs") {}
};
/// Throws ShapesChanged if `weights` do not match `values` in number and shape; undefined tensors
/// are zeros.
void expect_fit(const std::vector<Tensor>& values, const std::vector<Tensor>& weights);

struct Problem {
  int order = 1;
  std::vector<Tensor> leaves;  ///< varied in place where they require a gradient
  std::size_t num_inputs = 0;  ///< the leaves after these are cotangents
  /// F at the current elements of the leaves; an undefined tensor is zero.
  std::function<std::vector<Tensor>()> values;
  /// Gradients of sum_i <F[i], weights[i]> by the tape for every leaf; undefined where there is
  /// none. Throws BackwardError.
  std::function<std::vector<Tensor>(const std::vector<Tensor>& weights)> gradients;
  /// F computed with create_graph; second order only.
  std::function<std::vector<Tensor>()> recorded_values;

  /// F. Throws ShapesChanged if it does not match `weights`.
  std::vector<Tensor> values_like(const std::vector<Tensor>& weights) const;
};

/// sum_i <F[i], weights[i]> minus its value at the initial elements of the leaves: terms that do
/// not change then add no rounding error to a difference.
class Weighed {
 public:
  Weighed(const Problem& problem, const std::vector<Tensor>& weights)
      : problem_(problem), weights_(weights), origin_(elements(problem.values_like(weights))) {}

  /// Throws ShapesChanged.
  double operator()() const;
  /// Bound on the rounding error of that value in float64: only elements of F that change count.
  double rounding() const;

 private:
  /// The sum of term(element, its initial value, its weight).
  template <class F>
  double sum(F&& term) const;

  const Problem& problem_;
  std::vector<Tensor> weights_;
  Values origin_;
};

/// The outputs of `function`, recorded.
std::vector<Tensor> outputs_of(const TensorFunction& function, const std::vector<Tensor>& inputs);

/// The outputs of `function` that are part of the graph.
std::vector<Tensor> differentiable(const TensorFunction& function,
                                   const std::vector<Tensor>& inputs);

/// Gradients of every input, undefined where there is none. Throws BackwardError.
std::vector<Tensor> gradients(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                              const std::vector<Tensor>& cotangents, bool create_graph);

Problem first_order(const TensorFunction& function, const std::vector<Tensor>& inputs);
/// `cotangents` must fit the differentiable outputs; they become leaves.
Problem second_order(const TensorFunction& function, const std::vector<Tensor>& inputs,
                     std::vector<Tensor> cotangents);

/// The gradients of <F, weights> by the tape and by finite differences.
struct Comparison {
  std::vector<Tensor> weights;
  Values analytic;  ///< for every leaf
  /// For every leaf that requires a gradient; equal to `analytic` where that lies within the error
  /// of the best difference.
  Values numeric;
  double error = 0;
  // Where the error occurs.
  std::size_t leaf = 0;
  std::size_t element = 0;
};
/// Elements with an error above `tolerance` are tried with other steps.
Comparison compare(const Problem& problem, const std::vector<Tensor>& weights, double tolerance);

}  // namespace weft::detail
