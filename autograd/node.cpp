#include "autograd/node.hpp"

#include <atomic>
#include <new>

namespace weft {
namespace {

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

std::int64_t live_nodes() { return alive; }

std::int64_t made_nodes() { return made; }

std::uint64_t next_sequence() { return sequences; }

Node::Node() {
  ++alive;
  ++made;
}

Node::~Node() {
  --alive;
  if (graveyard != nullptr) {
    try {
      graveyard->push_back({std::move(edges), std::move(backward), std::move(extras)});
    } catch (const std::bad_alloc&) {  // they die here, one level deeper
    }
    return;
  }
  std::vector<Remains> mine;
  graveyard = &mine;
  { const Remains own{std::move(edges), std::move(backward), std::move(extras)}; }
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

}  // namespace weft
