#pragma once

#include "autograd/error.hpp"
#include "autograd/gradcheck/differences.hpp"
#include "autograd/op.hpp"

/// What is compared: the derivative of a vector of tensors F with respect to leaves, as the tape
/// has it and as differences have it. In first order F are a function's outputs. In second order
/// F are its gradients, and the cotangents that they depend on are leaves like the inputs.
namespace weft::detail {

/// An exception that came out of a backward pass, not out of the function that is checked.
class BackwardError : public Error {
 public:
  using Error::Error;
};

/// F has another number of tensors, or tensors of other shapes, than at the first call.
class ShapesChanged : public Error {
 public:
  ShapesChanged() : Error("the number or shapes of the outputs depend on the inputs") {}
};
/// Throws ShapesChanged if `values` cannot be weighed by `weights`; undefined tensors are zeros.
void expect_fit(const std::vector<Tensor>& values, const std::vector<Tensor>& weights);

struct Problem {
  int order = 1;
  std::vector<Tensor> leaves;  ///< varied in place where they require a gradient
  std::size_t num_inputs = 0;  ///< the leaves after these are cotangents
  /// F at the present elements of the leaves; an undefined tensor is zero.
  std::function<std::vector<Tensor>()> values;
  /// Gradients of sum_i <F[i], weights[i]> for every leaf by the tape; undefined where there is
  /// none. Throws BackwardError.
  std::function<std::vector<Tensor>(const std::vector<Tensor>& weights)> gradients;
  /// F computed with create_graph; of the second order only.
  std::function<std::vector<Tensor>()> recorded_values;

  /// F; throws ShapesChanged if it does not fit `weights`.
  std::vector<Tensor> values_like(const std::vector<Tensor>& weights) const;
};

/// sum_i <F[i], weights[i]> less its value at the elements that the leaves have at first: what does
/// not change adds no rounding to a difference.
class Weighed {
 public:
  Weighed(const Problem& problem, const std::vector<Tensor>& weights)
      : problem_(problem), weights_(weights), origin_(elements(problem.values_like(weights))) {}

  /// Throws ShapesChanged.
  double operator()() const;
  /// What rounding to float64 may do to that value: only elements of F that change count.
  double rounding() const;

 private:
  /// The sum of term(element, the same at first, its weight).
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

/// Gradients for every input, undefined where there is none. Throws BackwardError.
std::vector<Tensor> gradients(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                              const std::vector<Tensor>& cotangents, bool create_graph);

Problem first_order(const TensorFunction& function, const std::vector<Tensor>& inputs);
/// `cotangents` fit the differentiable outputs; they become leaves.
Problem second_order(const TensorFunction& function, const std::vector<Tensor>& inputs,
                     std::vector<Tensor> cotangents);

/// The gradients of <F, weights> as the tape has them and as differences have them.
struct Comparison {
  std::vector<Tensor> weights;
  Values analytic;  ///< of every leaf
  /// Of every leaf that requires a gradient; analytic itself where it lies within the error of the
  /// best difference.
  Values numeric;
  double error = 0;
  // Where that is.
  std::size_t leaf = 0;
  std::size_t element = 0;
};
/// An element that is wrong by more than `tolerance` is tried with other steps.
Comparison compare(const Problem& problem, const std::vector<Tensor>& weights, double tolerance);

}  // namespace weft::detail
