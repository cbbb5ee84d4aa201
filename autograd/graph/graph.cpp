#include "autograd/graph/graph.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "autograd/error.hpp"
#include "autograd/node.hpp"
#include "autograd/op.hpp"

namespace weft {
namespace {

using Names = std::vector<std::pair<std::string, Tensor>>;

/// `encoder.rnn` for `encoder.rnn.weight`; empty without a dot.
std::string module_of(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? "" : name.substr(0, dot);
}

/// All ops reachable from the roots, in the order in which they were recorded.
std::vector<const Node*> reachable_ops(const std::vector<Node::Edge>& roots) {
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> ops;
  const auto visit = [&](const Node::Edge& edge) {
    if (edge.node && !edge.node->is_leaf() && seen.insert(edge.node.get()).second) {
      ops.push_back(edge.node.get());
    }
  };
  std::ranges::for_each(roots, visit);
  // Breadth first. `ops` grows during the loop, so it must be accessed by index.
  for (std::size_t i = 0; i < ops.size(); ++i) {  // NOLINT(modernize-loop-convert)
    std::ranges::for_each(ops[i]->edges, visit);
  }
  std::ranges::sort(ops, {}, &Node::sequence);
  return ops;
}

class Tracer {
 public:
  Tracer(const Names& names, const GroupOfNode& group) : group_(group) {
    for (const auto& [name, tensor] : names) {
      if (tensor.defined() && tensor.requires_grad()) {
        named_.push_back(gradient_edge(tensor));  // keeps a leaf's node alive as long as its name
        names_.try_emplace({named_.back().node.get(), named_.back().output}, name);
      }
    }
  }

  Graph trace(const std::vector<Tensor>& outputs) {
    std::vector<Node::Edge> roots;
    std::ranges::transform(outputs, std::back_inserter(roots), gradient_edge);
    for (const Node* op : reachable_ops(roots)) {
      add_op(*op);
    }
    for (std::size_t i = 0; i < roots.size(); ++i) {
      add_output(roots[i], outputs[i], roots.size() == 1 ? "output" : fmt::format("output {}", i));
    }
    return std::move(graph_);
  }

 private:
  std::size_t add(Graph::Box box) {
    graph_.boxes.push_back(std::move(box));
    return graph_.boxes.size() - 1;
  }

  std::string name_of(const Node::Edge& edge) const {
    const auto found = names_.find({edge.node.get(), edge.output});
    return found == names_.end() ? "" : found->second;
  }

  /// The box of a leaf, or of an op that was added before.
  std::size_t box_of(const Node::Edge& edge) {
    const auto [place, fresh] = boxes_.try_emplace(edge.node.get(), graph_.boxes.size());
    if (fresh) {
      const std::string name = name_of(edge);
      add({.kind = Graph::Kind::leaf,
           .name = name,
           .group = group_ ? group_(*edge.node) : module_of(name)});
    }
    return place->second;
  }

  std::string group_of(const Node& op, const std::vector<std::size_t>& sources) const {
    if (group_) {
      return group_(op);
    }
    for (const std::size_t source : sources) {
      const Graph::Box& box = graph_.boxes[source];
      if (box.kind == Graph::Kind::leaf && !box.group.empty()) {
        return box.group;
      }
    }
    return "";
  }

  void add_op(const Node& op) {
    std::vector<std::size_t> sources;
    std::vector<Graph::Edge> edges;
    for (std::size_t i = 0; i < op.edges.size(); ++i) {
      const auto& [shape, dtype, defined] = op.inputs[i];
      if (!defined) {
        continue;
      }
      const Node::Edge& input = op.edges[i];
      const bool constant = !input.node;
      sources.push_back(constant ? add({.kind = Graph::Kind::constant}) : box_of(input));
      edges.push_back({.from = sources.back(),
                       .output = input.output,
                       .shape = shape,
                       .dtype = dtype,
                       .name = constant || input.node->is_leaf() ? "" : name_of(input)});
    }
    const std::size_t box =
        add({.kind = Graph::Kind::op, .name = op.op->name(), .group = group_of(op, sources)});
    boxes_[&op] = box;
    for (Graph::Edge& edge : edges) {
      edge.to = box;
      graph_.edges.push_back(std::move(edge));
    }
  }

  void add_output(const Node::Edge& root, const Tensor& output, std::string name) {
    const std::size_t source = box_of(root);
    if (const std::string given = name_of(root); !given.empty()) {
      name = given;
    }
    const std::size_t box = add({.kind = Graph::Kind::output, .name = std::move(name)});
    graph_.edges.push_back({.from = source,
                            .output = root.output,
                            .to = box,
                            .shape = output.shape(),
                            .dtype = output.dtype()});
  }

  const GroupOfNode& group_;
  std::vector<Node::Edge> named_;
  std::map<std::pair<const Node*, std::size_t>, std::string> names_;
  std::unordered_map<const Node*, std::size_t> boxes_;
  Graph graph_;
};

}  // namespace

Graph trace(const std::vector<Tensor>& outputs, const Names& names, const GroupOfNode& group) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].defined() || !outputs[i].requires_grad()) {
      fail("trace: output {} requires no gradient; hint: was it made under NoGradGuard?", i);
    }
  }
  return Tracer(names, group).trace(outputs);
}

}  // namespace weft
