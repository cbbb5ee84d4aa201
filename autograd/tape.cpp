#include "autograd/tape.hpp"

#include <algorithm>
#include <atomic>

#include "autograd/anomaly.hpp"
#include "autograd/node.hpp"
#include "autograd/ops.hpp"
#include "autograd/origin.hpp"
#include "autograd/probe.hpp"

namespace weft {
namespace {

thread_local bool recording = true;

std::atomic<std::uint64_t> sequences{1};
std::atomic<std::int64_t> alive{0};
std::atomic<std::int64_t> made{0};

/// What a dying node leaves behind. The outermost destructor on a thread owns the list and empties
/// it; those that run meanwhile only add to it. A mere pointer outlives all thread-local objects,
/// some of which may hold graphs.
struct Remains {
  std::vector<Node::Edge> edges;
  BackwardFunction backward;
  std::unique_ptr<NodeExtras> extras;
};
thread_local std::vector<Remains>* graveyard = nullptr;

}  // namespace

bool grad_enabled() { return recording; }

GradModeGuard::GradModeGuard(bool enabled) : previous_(recording) { recording = enabled; }
GradModeGuard::~GradModeGuard() { recording = previous_; }

std::int64_t live_nodes() { return alive; }

std::int64_t made_nodes() { return made; }

std::uint64_t next_sequence() { return sequences; }

Node::Node() {
  ++alive;
  ++made;
}

Node::~Node() {
  --alive;
  if (extras && extras->tracked) {
    detail::untrack(*this);
  }
  if (graveyard != nullptr) {
    graveyard->push_back({std::move(edges), std::move(backward), std::move(extras)});
    return;
  }
  std::vector<Remains> mine;
  graveyard = &mine;
  mine.push_back({std::move(edges), std::move(backward), std::move(extras)});
  while (!mine.empty()) {
    const Remains remains = std::move(mine.back());
    mine.pop_back();
  }
  graveyard = nullptr;
}

void Node::free() {
  backward = nullptr;
  outputs.clear();
  if (extras) {
    extras->recompute = nullptr;
  }
  freed = true;
}

NodeExtras& Node::extra() {
  if (!extras) {
    extras = std::make_unique<NodeExtras>();
  }
  return *extras;
}

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

Node::Edge gradient_edge(const Tensor& tensor) {
  detail::TensorBody& body = detail::body(tensor);
  if (body.grad_fn) {
    return {body.grad_fn, body.output_number};
  }
  std::shared_ptr<Node> node = body.leaf_node.lock();
  if (!node) {
    node = std::make_shared<Node>();
    node->leaf = detail::TensorBody::of(tensor);
    body.leaf_node = node;
  }
  return {node, 0};
}

namespace {

/// An output that is an input, or another op's output, would change its place in the graph.
void check_fresh(const Op& op, const std::vector<Tensor>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].requires_grad()) {
      fail(
          "record: output {} of '{}' is in a graph already; expected a tensor of its own; "
          "hint: detach() it",
          i, op.name());
    }
    if (!is_floating(outputs[i].dtype())) {
      fail("record: output {} of '{}' cannot have a gradient; got {}; expected a floating dtype", i,
           op.name(), name(outputs[i].dtype()));
    }
  }
}

}  // namespace

std::shared_ptr<Node> make_node(const Op& op, std::vector<Node::Edge> edges,
                                std::vector<Node::Meta> inputs,
                                const std::vector<Tensor>& outputs) {
  check_fresh(op, outputs);
  auto node = std::make_shared<Node>();
  node->op = &op;
  node->sequence = sequences++;
  node->edges = std::move(edges);
  node->inputs = std::move(inputs);
  node->num_outputs = outputs.size();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (op.keeps_outputs()) {
      node->outputs.emplace_back(outputs[i].detach());
    }
    detail::TensorBody& body = detail::body(outputs[i]);
    body.grad_fn = node;
    body.output_number = i;
  }
  return node;
}

std::vector<Tensor> record(const Op& op, const std::vector<Tensor>& inputs,
                           std::vector<Tensor> outputs, BackwardFunction backward) {
  const bool wanted = std::ranges::any_of(inputs, &Tensor::requires_grad);
  // While recording, an op on constants is a part of another op's forward, which is checked whole.
  if (anomaly_enabled() && (wanted || !recording)) {
    detail::check_outputs(op, inputs, outputs);
  }
  if (!recording || !wanted) {
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
  detail::note_origin(node, inputs, outputs);
  if (Probe* const probe = Probe::current(); probe != nullptr) {
    probe->recorded(node, inputs, outputs);
  }
  return outputs;
}

Tensor record(const Op& op, const std::vector<Tensor>& inputs, const Tensor& output,
              BackwardFunction backward) {
  return record(op, inputs, std::vector{output}, std::move(backward))[0];
}

Gradients composed_gradients(const TensorFunction& composed, const std::vector<Tensor>& inputs,
                             const Backward& backward) {
  const bool create_graph = grad_enabled();
  const GradModeGuard guard(true);  // the composed form has to be recorded in any case
  // Aliases end the differentiation at this op, even where one input was computed from another.
  std::vector<Tensor> aliases = inputs;
  std::vector<Tensor> wanted;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (backward.needs(i)) {
      aliases[i] = reshape(inputs[i], inputs[i].shape());  // another tensor, the same elements
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
