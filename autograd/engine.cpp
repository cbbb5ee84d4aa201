#include <algorithm>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "autograd/anomaly.hpp"
#include "autograd/gradient_sum.hpp"
#include "autograd/node.hpp"
#include "autograd/probe.hpp"
#include "autograd/roles.hpp"

namespace weft {
namespace {

/// One walk over a graph, from the outputs down, in falling order of sequence numbers: when a node
/// comes up, all that used its outputs has been visited, so its gradients are complete.
class Walk {
 public:
  Walk(bool retain_graph, bool create_graph, Roles* roles)
      : free_(!retain_graph && !create_graph), create_graph_(create_graph), roles_(roles) {}

  /// Adds to the gradient of one output of a node.
  void send(const Node::Edge& edge, Gradient gradient) {
    auto [place, fresh] = pending_.try_emplace(edge.node.get());
    if (fresh) {
      place->second.resize(edge.node->num_outputs);
      queue_.push(edge.node);
    }
    place->second[edge.output].add(std::move(gradient));
  }

  /// Visits every node that was sent a gradient; `arrive(node, gradients)` sees each first, after
  /// the hooks.
  template <class F>
  void run(F&& arrive) {
    const GradModeGuard guard(create_graph_);
    const detail::BackwardScope scope;
    while (!queue_.empty()) {
      const std::shared_ptr<Node> node = queue_.top();
      queue_.pop();
      auto sums = pending_.extract(node.get());
      Gradients gradients;
      std::ranges::transform(sums.mapped(), std::back_inserter(gradients), &GradientSum::take);
      node->observe(gradients);
      if (anomaly_enabled()) {
        detail::check_arrived(*node, gradients);
      }
      arrive(*node, gradients);
      if (!node->is_leaf() && (roles_ == nullptr || roles_->leads(node.get()))) {
        step(node, gradients);
      }
    }
  }

 private:
  struct Earlier {
    bool operator()(const std::shared_ptr<Node>& a, const std::shared_ptr<Node>& b) const {
      return a->sequence < b->sequence;
    }
  };

  bool needed(const Node::Edge& edge) const {
    return edge.node && (roles_ == nullptr || roles_->needed(edge.node.get()));
  }

  std::vector<Tensor> outputs(const std::shared_ptr<Node>& node) const {
    std::vector<Tensor> outputs;
    for (const Saved& saved : node->outputs) {
      Tensor output = (*saved).detach();
      if (create_graph_) {  // the formula is to be differentiated through the op's own output
        detail::body(output).grad_fn = node;
        detail::body(output).output_number = outputs.size();
      }
      outputs.push_back(std::move(output));
    }
    return outputs;
  }

  void step(const std::shared_ptr<Node>& node, const Gradients& arrived) {
    if (node->freed) {
      fail("backward: the graph of '{}' was already freed; hint: pass retain_graph the first time",
           node->op->name());
    }
    if (node->extras && node->extras->recompute) {
      expand(*node, arrived);
    } else {
      differentiate(node, arrived);
    }
    if (free_) {
      node->free();
    }
  }

  /// A checkpoint: its graph is recorded again and takes the node's place. These nodes are the
  /// youngest of all, so they come up next and in the order in which they would have without the
  /// checkpoint: what they add to a parameter's gradient, they add in the same order.
  void expand(const Node& node, const Gradients& arrived) {
    const std::vector<Tensor> outputs = node.extras->recompute();
    std::vector<Node::Edge> roots;
    roots.reserve(outputs.size());
    for (const Tensor& output : outputs) {
      roots.push_back(output.requires_grad() ? gradient_edge(output) : Node::Edge{});
    }
    if (roles_ != nullptr) {
      roles_->extend(roots, node.sequence);
    }
    for (std::size_t i = 0; i < roots.size(); ++i) {
      if (arrived[i].defined() && needed(roots[i])) {
        send(roots[i], arrived[i]);
      }
    }
  }

  void differentiate(const std::shared_ptr<Node>& node, const Gradients& arrived) {
    std::vector<Tensor> grads;
    std::ranges::transform(arrived, std::back_inserter(grads), &Gradient::dense);
    std::vector<bool> needs;
    std::ranges::transform(node->edges, std::back_inserter(needs),
                           [&](const Node::Edge& edge) { return needed(edge); });
    const std::vector<Tensor> kept = outputs(node);
    const Backward given(grads, kept, needs);
    Probe* const probe = Probe::current();
    Gradients gradients =
        probe != nullptr ? probe->call(*node, given) : detail::run_backward(*node, given);
    if (gradients.size() != node->edges.size()) {
      fail("{} backward: wrong number of gradients; got {}; expected {}", node->op->name(),
           gradients.size(), node->edges.size());
    }
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      if (needs[i] && gradients[i].defined()) {
        send(node->edges[i], fitted(*node, i, std::move(gradients[i])));
      }
    }
  }

  bool free_;
  bool create_graph_;
  Roles* roles_;
  std::unordered_map<const Node*, std::vector<GradientSum>> pending_;
  std::priority_queue<std::shared_ptr<Node>, std::vector<std::shared_ptr<Node>>, Earlier> queue_;
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

}  // namespace

void backward(const std::vector<Tensor>& outputs, const std::vector<Tensor>& cotangents,
              bool retain_graph, bool create_graph) {
  const std::vector<Tensor> seeds = checked_cotangents("backward", outputs, cotangents);
  Walk walk(retain_graph, create_graph, nullptr);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    walk.send(gradient_edge(outputs[i]), seeds[i]);
  }
  walk.run([](const Node& node, Gradients& gradients) {
    if (const auto leaf = node.leaf.lock()) {
      accumulate(*leaf, std::move(gradients[0]));
    }
  });
}

std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& cotangents, GradOptions options) {
  const std::vector<Tensor> seeds = checked_cotangents("grad", outputs, cotangents);
  std::vector<Node::Edge> roots;
  std::ranges::transform(outputs, std::back_inserter(roots), gradient_edge);
  std::vector<Node::Edge> wanted;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) {
      fail("grad: input {} is undefined; got no tensor; expected one that requires a gradient", i);
    }
    if (!inputs[i].requires_grad()) {
      fail("grad: input {} requires no gradient; hint: call set_requires_grad() first", i);
    }
    wanted.push_back(gradient_edge(inputs[i]));
  }

  Roles roles(roots, wanted);
  Walk walk(options.retain_graph, options.create_graph, &roles);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    walk.send(roots[i], seeds[i]);
  }
  std::vector<Tensor> gradients(inputs.size());
  walk.run([&](const Node& node, const Gradients& arrived) {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].node.get() == &node) {
        gradients[i] = arrived[wanted[i].output].dense();
      }
    }
  });
  for (std::size_t i = 0; i < inputs.size() && !options.allow_unused; ++i) {
    if (!gradients[i].defined()) {
      fail("grad: the outputs do not depend on input {}; hint: allow_unused", i);
    }
  }
  return gradients;
}

}  // namespace weft
