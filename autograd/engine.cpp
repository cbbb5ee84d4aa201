#include <algorithm>
#include <limits>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/node.hpp"
#include "autograd/ops.hpp"

namespace weft {
namespace {

/// Sums `gradient` over the dimensions along which an input of `shape` was broadcast.
Tensor sum_to(const Tensor& gradient, const Shape& shape) {
  const std::size_t extra = gradient.shape().size() - shape.size();
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < gradient.shape().size(); ++i) {
    if (i < extra || (shape[i - extra] == 1 && gradient.shape()[i] != 1)) {
      dims.push_back(static_cast<std::int64_t>(i));
    }
  }
  return dims.empty() ? gradient : reshape(sum(gradient, dims, true), shape);
}

/// The sum of the gradients that have arrived at one place.
class Sum {
 public:
  void add(Gradient gradient) {
    if (gradient.is_rows()) {
      rows_.push_back(std::move(gradient));
    } else if (!dense_.defined()) {
      dense_ = gradient.values();
    } else if (ours_ && !grad_enabled()) {
      add_in_place(gradient.values());
    } else {
      dense_ = dense_ + gradient.values();
      ours_ = true;
    }
  }

  /// The sum, which the caller may keep; this object is then empty.
  Gradient take() {
    if (rows_.empty()) {
      return std::exchange(dense_, {});
    }
    Gradient rows = joined(std::exchange(rows_, {}));
    if (!dense_.defined()) {
      return rows;
    }
    add(rows.dense());
    return std::exchange(dense_, {});
  }

 private:
  /// One list of rows out of many, copied once however many there are.
  static Gradient joined(std::vector<Gradient> parts) {
    if (parts.size() == 1) {
      return std::move(parts[0]);
    }
    std::vector<Tensor> ids;
    std::vector<Tensor> values;
    for (const Gradient& part : parts) {
      ids.push_back(part.ids());
      values.push_back(part.values());
    }
    return Gradient::rows(cat(ids, 0), cat(values, 0), parts[0].shape()[0]);
  }

  void add_in_place(const Tensor& other) {
    dispatch_floating("backward", dense_.dtype(), [&]<class T>() {
      kernels::add_into<T>(other.data<T>(), dense_.mutable_data<T>());
    });
  }

  Tensor dense_;
  std::vector<Gradient> rows_;
  bool ours_ = false;  // nobody else holds `dense_`, so it may be changed in place
};

/// What the nodes of a graph have to do with the inputs of `grad`.
class Roles {
 public:
  Roles(const std::vector<Node::Edge>& roots, const std::vector<Node::Edge>& wanted) {
    std::uint64_t oldest = std::numeric_limits<std::uint64_t>::max();
    for (const Node::Edge& edge : wanted) {
      oldest = std::min(oldest, edge.node->sequence);
    }
    for (const Node::Edge& edge : wanted) {
      roles_[edge.node.get()].wanted = true;
    }
    for (const Node* node : reachable(roots, oldest)) {
      roles_[node].leads = std::ranges::any_of(
          node->edges, [&](const Node::Edge& edge) { return needed(edge.node.get()); });
    }
  }

  /// Whether the node's gradient was asked for, or is needed for one that was.
  bool needed(const Node* node) const { return role(node).wanted || role(node).leads; }
  /// Whether a gradient that was asked for lies below the node.
  bool leads(const Node* node) const { return role(node).leads; }

 private:
  struct Role {
    bool wanted = false;
    bool leads = false;
  };

  /// The nodes that can be reached from the roots, by rising sequence number. Nothing wanted lies
  /// below `oldest`, so the search ends there.
  static std::vector<const Node*> reachable(const std::vector<Node::Edge>& roots,
                                            std::uint64_t oldest) {
    std::unordered_set<const Node*> seen;
    std::vector<const Node*> nodes;
    const auto visit = [&](const Node::Edge& edge) {
      if (edge.node && edge.node->sequence >= oldest && seen.insert(edge.node.get()).second) {
        nodes.push_back(edge.node.get());
      }
    };
    std::ranges::for_each(roots, visit);
    // Breadth first. `nodes` grows meanwhile, so it has to be walked by index.
    for (std::size_t i = 0; i < nodes.size(); ++i) {  // NOLINT(modernize-loop-convert)
      std::ranges::for_each(nodes[i]->edges, visit);
    }
    std::ranges::sort(nodes, {}, &Node::sequence);
    return nodes;
  }

  Role role(const Node* node) const {
    const auto found = roles_.find(node);
    return found == roles_.end() ? Role{} : found->second;
  }

  std::unordered_map<const Node*, Role> roles_;
};

/// One walk over a graph, from the outputs down, in falling order of sequence numbers: when a node
/// comes up, all that used its outputs has been visited, so its gradients are complete.
class Walk {
 public:
  Walk(bool retain_graph, bool create_graph, const Roles* roles)
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

  /// Visits every node that was sent a gradient; `arrive(node, gradients)` sees each first.
  template <class F>
  void run(F&& arrive) {
    const GradModeGuard guard(create_graph_);
    while (!queue_.empty()) {
      const std::shared_ptr<Node> node = queue_.top();
      queue_.pop();
      auto sums = pending_.extract(node.get());
      Gradients gradients;
      std::ranges::transform(sums.mapped(), std::back_inserter(gradients), &Sum::take);
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
    std::vector<Tensor> grads;
    std::ranges::transform(arrived, std::back_inserter(grads), &Gradient::dense);
    std::vector<bool> needs;
    std::ranges::transform(node->edges, std::back_inserter(needs),
                           [&](const Node::Edge& edge) { return needed(edge); });
    const std::vector<Tensor> kept = outputs(node);
    Gradients gradients = node->backward(Backward(grads, kept, needs));
    if (gradients.size() != node->edges.size()) {
      fail("{} backward: wrong number of gradients; got {}; expected {}", node->op->name(),
           gradients.size(), node->edges.size());
    }
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      if (needs[i] && gradients[i].defined()) {
        send(node->edges[i], fitted(*node, i, std::move(gradients[i])));
      }
    }
    if (free_) {
      node->free();
    }
  }

  /// Checks a returned gradient and sums it to the shape of its input.
  static Gradient fitted(const Node& node, std::size_t input, Gradient gradient) {
    const auto& [shape, dtype, defined] = node.inputs[input];
    if (gradient.dtype() != dtype) {
      fail("{} backward: gradient of input {} has the wrong dtype; got {}; expected {}",
           node.op->name(), input, name(gradient.dtype()), name(dtype));
    }
    const Shape got = gradient.shape();
    if (got == shape) {
      return gradient;
    }
    if (!broadcasts_to(shape, got)) {
      fail("{} backward: gradient of input {} has the wrong shape; got {}; expected {}",
           node.op->name(), input, got, shape);
    }
    return sum_to(gradient.dense(), shape);
  }

  bool free_;
  bool create_graph_;
  const Roles* roles_;
  std::unordered_map<const Node*, std::vector<Sum>> pending_;
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

/// The tensor itself if nobody else holds its buffer, else a copy (recorded if need be).
Tensor owned(const Tensor& x) {
  const auto& body = detail::TensorBody::of(x);
  return body.use_count() == 1 && body->storage.use_count() == 1 ? x : x.clone();
}

/// The gradient in buffers that nobody else holds, since its owner may scale it in place.
Gradient owned(const Gradient& gradient) {
  return gradient.is_rows()
             ? Gradient::rows(owned(gradient.ids()), owned(gradient.values()), gradient.shape()[0])
             : owned(gradient.values());
}

/// Rows with each id once where there are more of them than the table has: many backward passes
/// before a step must not pile them up.
Gradient bounded(const Gradient& gradient) {
  const bool piled_up = gradient.is_rows() && gradient.ids().numel() > gradient.shape()[0];
  return piled_up ? gradient.coalesced() : gradient;
}

/// A leaf's `grad` grows by `gradient`.
void accumulate(const Node& node, Gradient gradient) {
  if (const std::shared_ptr<detail::TensorBody> leaf = node.leaf.lock()) {
    if (gradient.shape() != leaf->shape || gradient.dtype() != leaf->dtype) {
      fail(
          "backward: a leaf was given other data after it was used; got a gradient {} {}; "
          "expected {} {}",
          gradient.shape(), name(gradient.dtype()), leaf->shape, name(leaf->dtype));
    }
    if (!leaf->grad.defined()) {
      leaf->grad = owned(gradient);
      return;
    }
    Sum sum;
    sum.add(leaf->grad);
    sum.add(std::move(gradient));
    leaf->grad = bounded(sum.take());
  }
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
    if (node.is_leaf()) {
      accumulate(node, std::move(gradients[0]));
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
    if (!inputs[i].requires_grad()) {
      fail("grad: input {} requires no gradient; hint: call set_requires_grad() first", i);
    }
    wanted.push_back(gradient_edge(inputs[i]));
  }

  const Roles roles(roots, wanted);
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
