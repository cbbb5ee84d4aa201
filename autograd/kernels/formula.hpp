#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "autograd/kernels/primitive.hpp"
#include "autograd/shape.hpp"

/// Elementwise formulas, written once as a generic function and evaluated block by block: each step
/// is a vector primitive, and what lies between two steps stays in the L1 cache.
///
///     Formula f = Formula::of<2>([](auto x, auto g) { return g * (1 - x * x); });
///
/// calls the function with two Terms, which record the steps `fnma(x, x, 1)` and `mul(g, ...)`.
namespace weft::kernels {

class FormulaBuilder;

/// A value in a formula: an input, a number, or the result of a step.
class Term {
 public:
  /// A number.
  Term(double number) : number_(number) {}  // NOLINT(google-explicit-constructor)

 private:
  friend class FormulaBuilder;
  Term(FormulaBuilder* builder, std::size_t index) : builder_(builder), index_(index) {}

  FormulaBuilder* builder_ = nullptr;  // null for a number that no step has used yet
  std::size_t index_ = 0;
  double number_ = 0;
};

///@{ The steps. Products that are added or subtracted become fused.
Term operator+(const Term& a, const Term& b);
Term operator-(const Term& a, const Term& b);
Term operator*(const Term& a, const Term& b);
Term operator/(const Term& a, const Term& b);
Term operator-(const Term& a);
Term abs(const Term& a);
Term sqrt(const Term& a);
Term maximum(const Term& a, const Term& b);
Term minimum(const Term& a, const Term& b);
/// 1 where a > b, else 0
Term greater(const Term& a, const Term& b);
/// 1 where a = b, else 0
Term equal(const Term& a, const Term& b);
/// b where a > 0, else c
Term if_positive(const Term& a, const Term& b, const Term& c);
Term exp(const Term& a);
Term log(const Term& a);
Term log1p(const Term& a);
Term pow(const Term& a, const Term& b);
Term tanh(const Term& a);
Term sigmoid(const Term& a);
Term erf(const Term& a);
Term sin(const Term& a);
Term cos(const Term& a);
///@}

/// An operand of an evaluation: its elements and its shape, which broadcasts to the result's. Null
/// if the formula does not use it.
template <class T>
struct Operand {
  const T* data = nullptr;       ///< row-major
  const Shape* shape = nullptr;  ///< of the elements
};

/// A formula of some inputs, compiled to a list of primitives.
class Formula {
 public:
  /// Records `function`, which takes N Terms and returns one.
  template <std::size_t N, class F>
  static Formula of(const F& function);

  /// Whether the result depends on this input.
  bool uses(std::size_t input) const;
  /// The input that is the result, unchanged, if any.
  std::optional<std::size_t> same_as_input() const;

  /// Evaluates the formula for every element of a result of `shape`, on several threads if it is
  /// large. y may be the data of an operand of the same shape.
  template <class T>
  void evaluate(std::span<const Operand<T>> operands, const Shape& shape, T* y) const;

 private:
  friend class FormulaBuilder;
  friend class FormulaCompiler;

  /// Slots are numbered: inputs first, then constants, then intermediate results.
  using Slot = std::uint8_t;
  static constexpr std::size_t kMostSlots = 12;

  struct Instruction {
    Primitive primitive;
    std::array<Slot, 3> from;
    Slot to;
  };
  template <class T>
  class Evaluation;

  explicit Formula(std::size_t inputs) : inputs_(inputs) {}

  std::size_t inputs_;
  std::vector<double> constants_;
  std::vector<Instruction> instructions_;  // the last one makes the result
  std::size_t slots_ = 0;                  // in all
  Slot result_ = 0;
};

/// Records the steps of one formula. Equal steps are recorded once.
class FormulaBuilder {
 public:
  /// For a formula of so many inputs.
  explicit FormulaBuilder(std::size_t inputs);
  /// An input.
  Term input(std::size_t i) { return {this, i}; }
  /// A step. At least one operand belongs to a builder; the others may be numbers. Throws Error if
  /// all are.
  static Term step(Primitive primitive, const Term& a, const Term& b, const Term& c);
  /// The formula of a recorded value.
  Formula finish(const Term& result);

 private:
  friend class FormulaCompiler;
  /// A value: an input, a number, or what `primitive` makes of the values at `from`.
  struct Value {
    enum class Kind : std::uint8_t { input, number, step } kind;
    Primitive primitive = Primitive::add;
    std::array<std::size_t, 3> from{};
    double number = 0;
    bool operator==(const Value&) const = default;
  };

  std::size_t index_of(const Term& term);
  std::size_t add(const Value& value);
  Value contracted(Value value) const;

  std::vector<Value> values_;  // in an order in which they can be computed
  std::size_t inputs_;
};

template <std::size_t N, class F>
Formula Formula::of(const F& function) {
  FormulaBuilder builder(N);
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return builder.finish(function(builder.input(I)...));
  }
  (std::make_index_sequence<N>());
}

}  // namespace weft::kernels
