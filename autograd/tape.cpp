#include "autograd/tape.hpp"

#include <algorithm>

#include "autograd/node.hpp"
#include "autograd/observer.hpp"

namespace weft {
namespace {

thread_local bool recording = true;

}  // namespace

bool grad_enabled() { return recording; }

GradModeGuard::GradModeGuard(bool enabled) : previous_(recording) { recording = enabled; }
GradModeGuard::~GradModeGuard() { recording = previous_; }

Saved::Saved(const Tensor& tensor)
    : tensor_(tensor),
      storage_(tensor.defined() ? detail::body(tensor).storage : nullptr),
      version_(tensor.defined() ? tensor.version() : 0) {}

const Tensor& Saved::operator*() const {
  if (tensor_.defined() && detail::body(tensor_).storage != storage_) {
    fail("backward: a tensor of shape {} was given other data after it was saved", tensor_.shape());
  }
  if (tensor_.defined() && tensor_.version() != version_) {
    fail(
        "backward: a tensor of shape {} was changed in place after it was saved; got version {}; "
        "expected version {}; hint: clone() it before the change",
        tensor_.shape(), tensor_.version(), version_);
  }
  return tensor_;
}

Tensor Backward::spare_grad() const {
  return reuse_ && detail::sole_owner(grad()) ? grad() : Tensor();
}

bool worth_recording(std::span<const Tensor> inputs) {
  return Observer::current() != nullptr ||
         (recording && std::ranges::any_of(inputs, &Tensor::requires_grad));
}

std::vector<Tensor> record(const Op& op, std::span<const Tensor> inputs,
                           std::vector<Tensor> outputs, BackwardFunction backward) {
  Observer* const observer = Observer::current();
  if (observer != nullptr) {
    observer->computed(op, {inputs.begin(), inputs.end()}, outputs);
  }
  if (!recording || std::ranges::none_of(inputs, &Tensor::requires_grad)) {
    return outputs;
  }
  std::vector<Node::Edge> edges;
  std::vector<Node::Meta> metas;
  for (const Tensor& input : inputs) {
    edges.push_back(input.requires_grad() ? gradient_edge(input) : Node::Edge{});
    metas.push_back(input.defined() ? Node::Meta{input.shape(), input.dtype()}
                                    : Node::Meta{{}, DType::float32, false});
  }
  const std::shared_ptr<Node> node = make_node(op, std::move(edges), std::move(metas), outputs);
  node->backward = std::move(backward);
  if (observer != nullptr) {
    observer->recorded(node, {inputs.begin(), inputs.end()}, outputs);
  }
  return outputs;
}

Tensor record(const Op& op, std::span<const Tensor> inputs, const Tensor& output,
              BackwardFunction backward) {
  return record(op, inputs, std::vector{output}, std::move(backward))[0];
}

}  // namespace weft
