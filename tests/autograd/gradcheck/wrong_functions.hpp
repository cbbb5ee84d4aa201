#pragma once

#include <string>
#include <vector>

#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

// Small functions with intentional bugs, and what gradcheck reports about them.
namespace weft {

using D = Diagnosis;
using Inputs = std::vector<Tensor>;

inline const Op& mine() {
  static const Op op = Op::unchecked("mine", "its derivative is wrong on purpose");
  return op;
}

inline Tensor leaf(const Shape& shape, std::uint64_t seed = 1) {
  Generator generator(seed);
  return randn(shape, generator, DType::float64).set_requires_grad();
}

/// x^2 with the gradient that `derivative` computes from the correct one, 2 g x.
template <class F>
TensorFunction square_with(F derivative) {
  return [derivative](const Inputs& x) {
    const Tensor y = x[0].detach() * x[0].detach();
    return std::vector{record(mine(), {x[0]}, y, [=, x = Saved(x[0])](const Backward& backward) {
      return Gradients{derivative(2.0 * backward.grad() * *x, *x)};
    })};
  };
}

/// a b, elementwise with broadcasting, with the gradients that `derivative` computes from g, a and
/// b.
template <class F>
TensorFunction product_with(F derivative) {
  return [derivative](const Inputs& x) {
    const Tensor y = x[0].detach() * x[1].detach();
    return std::vector{record(mine(), {x[0], x[1]}, y,
                              [=, a = Saved(x[0]), b = Saved(x[1])](const Backward& backward) {
                                return derivative(backward.grad(), *a, *b);
                              })};
  };
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline void check(const TensorFunction& function, const Inputs& inputs, Diagnosis expected,
                  const std::string& explanation) {
  const GradcheckResult result = gradcheck(function, inputs);
  INFO(result.failure);
  CHECK(name(result.diagnosis) == name(expected));
  CHECK(contains(result.explanation, explanation));
  CHECK(contains(result.failure, name(expected).data()));
}

}  // namespace weft
