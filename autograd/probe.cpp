#include "autograd/probe.hpp"

#include "autograd/anomaly.hpp"

namespace weft {

void Probe::recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                     const std::vector<Tensor>& outputs) {
  if (outer_ != nullptr) {
    outer_->recorded(node, inputs, outputs);
  }
}

Gradients Probe::call(const Node& node, const Backward& backward) {
  return outer_ != nullptr ? outer_->call(node, backward) : detail::run_backward(node, backward);
}

}  // namespace weft
