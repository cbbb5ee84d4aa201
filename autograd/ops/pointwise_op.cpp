#include "autograd/ops/pointwise_op.hpp"

#include "autograd/ops/checks.hpp"

namespace weft::ops::detail {
namespace {

/// The inputs that a formula uses.
constexpr std::size_t kMostInputs = 5;  // three, the result and its gradient

template <class T>
void evaluate_as(const kernels::Formula& formula, std::span<const Tensor> inputs, Tensor& y) {
  std::array<kernels::Operand<T>, kMostInputs> operands;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (formula.uses(i)) {
      operands[i] = {inputs[i].data<T>().data(), &inputs[i].shape()};
    }
  }
  // Counts as a modification, so after the operands were read.
  T* const to = y.mutable_data<T>().data();
  if (y.numel() > 0) {
    formula.evaluate<T>(std::span(operands).first(inputs.size()), y.shape(), to);
  }
}

}  // namespace

Tensor evaluate(std::string_view where, const kernels::Formula& formula,
                std::span<const Tensor> inputs, const Tensor& spare) {
  const Tensor* first = nullptr;
  Shape shape;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (formula.uses(i)) {
      const Tensor& input = inputs[i];
      first = first == nullptr ? &input : first;
      check_same_dtype(where, *first, input);
      if (input.shape() != shape) {
        shape = first == &input ? input.shape() : broadcast_shapes(where, shape, input.shape());
      }
    }
  }
  if (first == nullptr) {
    fail("{}: the formula uses no input; expected at least one, which gives the shape", where);
  }
  Tensor y = spare.defined() && spare.shape() == shape ? spare : empty(shape, first->dtype());
  dispatch_floating(where, first->dtype(), [&]<class T>() { evaluate_as<T>(formula, inputs, y); });
  return y;
}

}  // namespace weft::ops::detail
