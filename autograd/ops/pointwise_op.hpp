#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "autograd/kernels/formula.hpp"
#include "autograd/op.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"

/// Elementwise ops that are given by their formulas.
namespace weft {

///@{ The steps of formulas that no op has, where a derivative is composed of ops
inline Tensor greater(const Tensor& a, const Tensor& b) { return gt(a, b).to(a.dtype()); }
inline Tensor equal(const Tensor& a, const Tensor& b) { return eq(a, b).to(a.dtype()); }
inline Tensor equal(const Tensor& a, double b) { return eq(a, b).to(a.dtype()); }
inline Tensor if_positive(const Tensor& a, const Tensor& b, const Tensor& c) {
  return where(gt(a, 0), b, c);
}
inline Tensor if_positive(const Tensor& a, const Tensor& b, double c) {
  return where(gt(a, 0), b, scalar(c, b.dtype()));
}
inline Tensor if_positive(const Tensor& a, double b, const Tensor& c) {
  return where(gt(a, 0), scalar(b, c.dtype()), c);
}
///@}

namespace ops {

namespace detail {

/// Evaluates a formula of inputs that broadcast; those it does not use may be undefined. The result
/// is written to `spare`, one of the inputs, if that is defined. Throws Error in the name `where`
/// if shapes or dtypes do not fit or the formula uses no input.
Tensor evaluate(std::string_view where, const kernels::Formula& formula,
                std::span<const Tensor> inputs, const Tensor& spare = {});

/// The number of Terms that a formula takes.
template <class F>
constexpr std::size_t arity() {
  using kernels::Term;
  if constexpr (std::invocable<F, Term>) {
    return 1;
  } else if constexpr (std::invocable<F, Term, Term>) {
    return 2;
  } else {
    static_assert(std::invocable<F, Term, Term, Term>, "a formula takes one to three inputs");
    return 3;
  }
}

}  // namespace detail

/// An op that is the same formula for every element. Its formula and the derivatives are generic
/// functions, evaluated in one pass over memory each, and composed of ops where the backward pass
/// itself is recorded:
///
///     const ops::PointwiseOp sqrt_op(
///         "sqrt", samples, errors,                                        // see Op
///         [](const auto& x) { return sqrt(x); },                          // y
///         [](const auto&, const auto& y, const auto& g) { return g / (2 * y); });  // dx
///     Tensor sqrt(const Tensor& x) { return sqrt_op(x); }
///
/// A derivative takes the inputs, the result y and its gradient g. Inputs behind those that have
/// derivatives are parameters, which broadcast too. Like an Op, it must outlive all graphs.
template <class Value, class... Derivatives>
class PointwiseOp {
  static constexpr std::size_t kInputs = detail::arity<Value>();
  static constexpr std::size_t kDerivatives = sizeof...(Derivatives);
  // The positions of y and g among a derivative's inputs.
  static constexpr std::size_t kOutput = kInputs;
  static constexpr std::size_t kGradient = kInputs + 1;

 public:
  /// Registers the op.
  PointwiseOp(std::string name, SampleFunction samples, std::vector<ErrorSample> errors,
              Value value, Derivatives... derivatives)
      : value_(kernels::Formula::of<kInputs>(value)),
        gradients_{kernels::Formula::of<kInputs + 2>(derivatives)...},
        derivatives_(derivatives...),
        op_(std::move(name), std::move(samples), std::move(errors),
            used(kOutput) ? KeepOutputs::yes : KeepOutputs::no) {}

  /// The result for inputs that broadcast. Throws Error if shapes or dtypes do not fit.
  template <std::same_as<Tensor>... Inputs>
  Tensor operator()(const Inputs&... inputs) const {
    static_assert(sizeof...(Inputs) == kInputs);
    const std::array<Tensor, kInputs> all = {inputs...};
    const Tensor y = detail::evaluate(op_.name(), value_, all);
    return record(op_, {all.begin(), all.begin() + kDerivatives}, y,
                  [this, saved = save(all)](const Backward& backward) -> Gradients {
                    return differentiate(saved, backward,
                                         std::index_sequence_for<Derivatives...>());
                  });
  }

  /// The op as the tape knows it.
  const Op& op() const { return op_; }

 private:
  using SavedInputs = std::array<Saved, kInputs>;

  /// Whether any derivative uses this input.
  bool used(std::size_t input) const {
    return std::ranges::any_of(
        gradients_, [input](const kernels::Formula& gradient) { return gradient.uses(input); });
  }

  SavedInputs save(const std::array<Tensor, kInputs>& inputs) const {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return SavedInputs{Saved(used(I) ? inputs[I] : Tensor())...};
    }
    (std::make_index_sequence<kInputs>());
  }

  template <std::size_t... D>
  Gradients differentiate(const SavedInputs& saved, const Backward& backward,
                          std::index_sequence<D...> /*derivatives*/) const {
    const std::array<bool, kDerivatives> needed = {backward.needs(D)...};
    // The last derivative may overwrite g, unless another one is g itself.
    const std::size_t last =
        kDerivatives - 1 -
        static_cast<std::size_t>(std::ranges::find(needed.rbegin(), needed.rend(), true) -
                                 needed.rbegin());
    const bool passed_on = ((needed[D] && gradients_[D].same_as_input() == kGradient) || ...);
    const Tensor spare = passed_on ? Tensor() : backward.spare_grad();
    std::array<Tensor, kInputs + 2> inputs;
    for (std::size_t i = 0; i < kInputs; ++i) {
      inputs[i] = *saved[i];
    }
    inputs[kOutput] = op_.keeps_outputs() ? backward.output() : Tensor();
    inputs[kGradient] = backward.grad();
    return {needed[D] ? gradient<D>(inputs, D == last ? spare : Tensor()) : Tensor()...};
  }

  /// Derivative D, written to `spare` if that is defined.
  template <std::size_t D>
  Tensor gradient(const std::array<Tensor, kInputs + 2>& inputs, const Tensor& spare) const {
    if (grad_enabled()) {
      return std::apply(std::get<D>(derivatives_), inputs);
    }
    if (const auto input = gradients_[D].same_as_input()) {
      return inputs[*input];
    }
    return detail::evaluate(op_.name(), gradients_[D], inputs, spare);
  }

  kernels::Formula value_;
  std::array<kernels::Formula, kDerivatives> gradients_;
  std::tuple<Derivatives...> derivatives_;
  Op op_;
};

}  // namespace ops
}  // namespace weft
