#include "autograd/engine.hpp"

#include <algorithm>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "autograd/gradient_sum.hpp"
#include "autograd/node.hpp"
#include "autograd/observer.hpp"
#include "autograd/survey.hpp"

namespace weft {
namespace {

/// The purpose of a walk: what happens to the gradients, and which branches can be skipped.
class Purpose {
 public:
  Purpose() = default;
  virtual ~Purpose() = default;
  Purpose(const Purpose&) = delete;
  Purpose& operator=(const Purpose&) = delete;

  /// All gradients of a node's outputs have arrived.
  virtual void arrived(const Node& node, Gradients& gradients) = 0;
  /// The turn of a leaf.
  virtual Turn leaf_turn(const Node& /*leaf*/) const { return {}; }
  /// Whether the gradients of a node's outputs are needed.
  virtual bool needs(const Node& /*node*/) const { return true; }
  /// Whether any needed gradient lies below a node.
  virtual bool leads(const Node& /*node*/) const { return true; }
  /// The graph behind `roots` replaces a checkpoint.
  virtual void expanded(const Node& /*checkpoint*/, const std::vector<Node::Edge>& /*roots*/) {}
};

thread_local bool is_walking = false;

/// One walk over a graph, from the outputs down, in descending order of sequence numbers: when a
/// node is visited, all users of its outputs have been visited, so its gradients are complete.
class Walk {
 public:
  Walk(Purpose& purpose, bool retain_graph, bool create_graph)
      : purpose_(purpose),
        free_(!retain_graph && !create_graph),
        create_graph_(create_graph),
        outer_(std::exchange(is_walking, true)) {}
  ~Walk() { is_walking = outer_; }
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  /// Adds to the gradient of one output of a node.
  void send(const Node::Edge& edge, Gradient gradient) {
    auto [place, fresh] = pending_.try_emplace(edge.node.get());
    if (fresh) {
      place->second.resize(edge.node->num_outputs);
      queue_.push({turn(*edge.node), edge.node});
    }
    place->second[edge.output].add(std::move(gradient));
  }

  /// Visits every node that received a gradient.
  void run() {
    const GradModeGuard guard(create_graph_);
    while (!queue_.empty()) {
      const std::shared_ptr<Node> node = queue_.top().node;
      queue_.pop();
      Gradients gradients = take(*node);
      node->observe(gradients);
      purpose_.arrived(*node, gradients);
      if (!node->is_leaf() && purpose_.leads(*node)) {
        step(node, std::move(gradients));
      }
    }
  }

 private:
  struct Visit {
    Turn turn;
    std::shared_ptr<Node> node;
    bool operator<(const Visit& other) const { return turn < other.turn; }
  };

  Turn turn(const Node& node) const {
    return node.is_leaf() ? purpose_.leaf_turn(node) : turn_of(node);
  }

  bool needs(const Node::Edge& edge) const { return edge.node && purpose_.needs(*edge.node); }

  /// The accumulated gradients of the node's outputs.
  Gradients take(const Node& node) {
    auto sums = pending_.extract(&node);
    Gradients gradients;
    std::ranges::transform(sums.mapped(), std::back_inserter(gradients), &GradientSum::take);
    return gradients;
  }

  void step(const std::shared_ptr<Node>& node, Gradients arrived) {
    if (node->freed) {
      fail("backward: the graph of '{}' was already freed; hint: pass retain_graph the first time",
           node->op->name());
    }
    if (node->extras && node->extras->recompute) {
      expand(*node, arrived);
    } else {
      differentiate(node, std::move(arrived));
    }
    if (free_) {
      node->free();
    }
  }

  /// Calls the node's backward function and sends the results along the edges.
  void differentiate(const std::shared_ptr<Node>& node, Gradients arrived) {
    std::vector<Tensor> grads;
    std::ranges::transform(arrived, std::back_inserter(grads), &Gradient::dense);
    arrived.clear();
    std::vector<bool> wanted;
    std::ranges::transform(node->edges, std::back_inserter(wanted),
                           [&](const Node::Edge& edge) { return needs(edge); });
    const std::vector<Tensor> kept = outputs(node);
    Observer* const observer = Observer::current();
    const Backward given(grads, kept, wanted, !create_graph_ && observer == nullptr);
    Gradients gradients =
        observer != nullptr ? observer->call(*node, given) : node->backward(given);
    if (gradients.size() != node->edges.size()) {
      fail("{} backward: wrong number of gradients; got {}; expected {}", node->op->name(),
           gradients.size(), node->edges.size());
    }
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      if (wanted[i] && gradients[i].defined()) {
        send(node->edges[i], fitted(*node, i, std::move(gradients[i])));
      }
    }
  }

  std::vector<Tensor> outputs(const std::shared_ptr<Node>& node) const {
    std::vector<Tensor> outputs;
    for (const Saved& saved : node->outputs) {
      Tensor output = (*saved).detach();
      if (create_graph_) {  // the formula must be differentiated through the op's own output
        detail::body(output).grad_fn = node;
        detail::body(output).output_number = outputs.size();
      }
      outputs.push_back(std::move(output));
    }
    return outputs;
  }

  /// Expands a checkpoint: its graph is recorded again and replaces the node. The new nodes are the
  /// newest of all, so they are visited next, in the same order as without the checkpoint: they add
  /// to the gradient of a parameter in the same order.
  void expand(const Node& node, const Gradients& arrived) {
    const std::vector<Tensor> outputs = node.extras->recompute();
    std::vector<Node::Edge> roots;
    roots.reserve(outputs.size());
    for (const Tensor& output : outputs) {
      roots.push_back(output.requires_grad() ? gradient_edge(output) : Node::Edge{});
    }
    purpose_.expanded(node, roots);
    for (std::size_t i = 0; i < roots.size(); ++i) {
      if (arrived[i].defined() && needs(roots[i])) {
        send(roots[i], arrived[i]);
      }
    }
  }

  Purpose& purpose_;
  bool free_;
  bool create_graph_;
  bool outer_;  // whether it is nested in another walk
  std::unordered_map<const Node*, std::vector<GradientSum>> pending_;
  std::priority_queue<Visit> queue_;
};

/// The cotangents, each checked against its output; ones for scalars if none were given.
std::vector<Tensor> checked_cotangents(std::string_view where, const std::vector<Tensor>& outputs,
                                       std::vector<Tensor> cotangents) {
  if (cotangents.empty()) {
    for (const Tensor& output : outputs) {
      if (output.numel() != 1) {
        fail("{}: not a scalar and no cotangent given; got shape {}", where, output.shape());
      }
      cotangents.push_back(full(output.shape(), 1, output.dtype()));
    }
  }
  if (cotangents.size() != outputs.size()) {
    fail("{}: wrong number of cotangents; got {}; expected {}", where, cotangents.size(),
         outputs.size());
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].requires_grad()) {
      fail("{}: output {} requires no gradient; hint: was it made under NoGradGuard?", where, i);
    }
    if (cotangents[i].shape() != outputs[i].shape() ||
        cotangents[i].dtype() != outputs[i].dtype()) {
      fail("{}: cotangent {} does not fit its output; got {} {}; expected {} {}", where, i,
           cotangents[i].shape(), name(cotangents[i].dtype()), outputs[i].shape(),
           name(outputs[i].dtype()));
    }
  }
  return cotangents;
}

std::vector<Node::Edge> edges_of(const std::vector<Tensor>& tensors) {
  std::vector<Node::Edge> edges;
  std::ranges::transform(tensors, std::back_inserter(edges), gradient_edge);
  return edges;
}

/// Accumulates into each leaf's `grad`, for `backward`.
class Accumulation : public Purpose {
 public:
  using Listener = std::function<void(const Tensor& leaf)>;

  Accumulation(const std::vector<Node::Edge>& roots, const Listener& on_final)
      : on_final_(on_final), turns_(on_final ? LeafTurns(roots) : LeafTurns()) {}

  void arrived(const Node& node, Gradients& gradients) override {
    const auto leaf = node.leaf.lock();
    if (!leaf) {
      return;
    }
    if (!on_final_) {
      accumulate(*leaf, std::move(gradients[0]));
      return;
    }
    if (!final_.insert(leaf).second) {
      fail(
          "backward: a leaf was sent a gradient after its last; got shape {}; hint: did the "
          "function of a checkpoint use another parameter when it was run again?",
          leaf->shape);
    }
    accumulate(*leaf, std::move(gradients[0]));
    on_final_(detail::TensorBody::handle(leaf));
  }

  Turn leaf_turn(const Node& leaf) const override { return turns_.of(leaf); }

 private:
  const Listener& on_final_;
  LeafTurns turns_;
  std::unordered_set<std::shared_ptr<detail::TensorBody>> final_;  // leaves reported to on_final
};

/// Keeps the gradients at given places in the graph, for `grad`, and visits only nodes that lead
/// there.
class Collection : public Purpose {
 public:
  Collection(const std::vector<Node::Edge>& roots, std::vector<Node::Edge> wanted)
      : wanted_(std::move(wanted)), roles_(roots, wanted_), gradients_(wanted_.size()) {}

  void arrived(const Node& node, Gradients& gradients) override {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (wanted_[i].node.get() == &node) {
        gradients_[i] = gradients[wanted_[i].output].dense();
      }
    }
  }

  bool needs(const Node& node) const override { return roles_.needed(&node); }
  bool leads(const Node& node) const override { return roles_.leads(&node); }
  void expanded(const Node& checkpoint, const std::vector<Node::Edge>& roots) override {
    roles_.extend(roots, checkpoint.sequence);
  }

  /// The collected gradients, in the order of the places; undefined where nothing arrived.
  const std::vector<Tensor>& gradients() const { return gradients_; }

 private:
  std::vector<Node::Edge> wanted_;
  Roles roles_;
  std::vector<Tensor> gradients_;
};

}  // namespace

bool walking() { return is_walking; }

void backward(const std::vector<Tensor>& outputs, const std::vector<Tensor>& cotangents,
              const BackwardOptions& options) {
  const std::vector<Tensor> seeds = checked_cotangents("backward", outputs, cotangents);
  const std::vector<Node::Edge> roots = edges_of(outputs);
  Accumulation accumulation(roots, options.on_final);
  Walk walk(accumulation, options.retain_graph, options.create_graph);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    walk.send(roots[i], seeds[i]);
  }
  walk.run();
}

std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& cotangents, GradOptions options) {
  const std::vector<Tensor> seeds = checked_cotangents("grad", outputs, cotangents);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) {
      fail("grad: input {} is undefined; got no tensor; expected one that requires a gradient", i);
    }
    if (!inputs[i].requires_grad()) {
      fail("grad: input {} requires no gradient; hint: call set_requires_grad() first", i);
    }
  }
  const std::vector<Node::Edge> roots = edges_of(outputs);
  Collection collection(roots, edges_of(inputs));
  Walk walk(collection, options.retain_graph, options.create_graph);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    walk.send(roots[i], seeds[i]);
  }
  walk.run();
  for (std::size_t i = 0; i < inputs.size() && !options.allow_unused; ++i) {
    if (!collection.gradients()[i].defined()) {
      fail("grad: the outputs do not depend on input {}; hint: allow_unused", i);
    }
  }
  return collection.gradients();
}

}  // namespace weft
