#include "autograd/observer.hpp"

#include "autograd/node.hpp"

namespace weft {

Observer::~Observer() {
  Observer** link = &innermost_;
  while (*link != nullptr && *link != this) {  // guards on the heap may end in any order
    link = &(*link)->outer_;
  }
  if (*link != nullptr) {
    *link = outer_;
  }
}

Observer* Observer::next() const {
  if (outer_ != nullptr || for_all_threads_) {
    return outer_;
  }
  return everywhere_.load(std::memory_order_acquire);
}

void Observer::computed(const Op& op, const std::vector<Tensor>& inputs,
                        const std::vector<Tensor>& outputs) {
  if (Observer* const other = next()) {
    other->computed(op, inputs, outputs);
  }
}

void Observer::recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                        const std::vector<Tensor>& outputs) {
  if (Observer* const other = next()) {
    other->recorded(node, inputs, outputs);
  }
}

void Observer::completed(const Node& node, const Gradients& gradients) {
  if (Observer* const other = next()) {
    other->completed(node, gradients);
  }
}

Gradients Observer::call(const Node& node, const Backward& backward) {
  Observer* const other = next();
  return other != nullptr ? other->call(node, backward) : node.backward(backward);
}

}  // namespace weft
