#include "autograd/ops/composed.hpp"

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"

namespace weft {

Gradients composed_gradients(const TensorFunction& composed, const std::vector<Tensor>& inputs,
                             const Backward& backward) {
  const bool create_graph = grad_enabled();
  const GradModeGuard guard(true);  // the composed form must always be recorded
  // Aliases stop differentiation at this op's inputs, even where one was computed from another.
  std::vector<Tensor> aliases = inputs;
  std::vector<Tensor> wanted;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (backward.needs(i)) {
      aliases[i] = reshape(inputs[i], inputs[i].shape());  // another tensor with the same elements
      wanted.push_back(aliases[i]);
    }
  }
  const std::vector<Tensor> all = composed(aliases);
  std::vector<Tensor> outputs;
  std::vector<Tensor> cotangents;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (backward.grad(i).defined() && all[i].requires_grad()) {
      outputs.push_back(all[i]);
      cotangents.push_back(backward.grad(i));
    }
  }
  Gradients gradients(inputs.size());
  if (outputs.empty()) {
    return gradients;
  }
  const std::vector<Tensor> found =
      grad(outputs, wanted, cotangents, {.create_graph = create_graph, .allow_unused = true});
  for (std::size_t i = 0, next = 0; i < inputs.size(); ++i) {
    if (backward.needs(i)) {
      gradients[i] = found[next++];
    }
  }
  return gradients;
}

}  // namespace weft
