#include "autograd/survey.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>

namespace weft {

std::vector<const Node*> reachable(const std::vector<Node::Edge>& roots, std::uint64_t oldest) {
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> nodes;
  const auto visit = [&](const Node::Edge& edge) {
    if (edge.node && edge.node->sequence >= oldest && seen.insert(edge.node.get()).second) {
      nodes.push_back(edge.node.get());
    }
  };
  std::ranges::for_each(roots, visit);
  // Breadth first. `nodes` grows during the loop, so it must be accessed by index.
  for (std::size_t i = 0; i < nodes.size(); ++i) {  // NOLINT(modernize-loop-convert)
    std::ranges::for_each(nodes[i]->edges, visit);
  }
  std::ranges::sort(nodes, {}, &Node::sequence);
  return nodes;
}

Roles::Roles(const std::vector<Node::Edge>& roots, const std::vector<Node::Edge>& wanted)
    : oldest_(std::numeric_limits<std::uint64_t>::max()) {
  for (const Node::Edge& edge : wanted) {
    roles_[edge.node.get()].wanted = true;
    oldest_ = std::min(oldest_, edge.node->sequence);
  }
  extend(roots, 0);
}

void Roles::extend(const std::vector<Node::Edge>& roots, std::uint64_t since) {
  // Nothing wanted lies below `oldest_`, so the search ends there.
  for (const Node* node : reachable(roots, std::max(oldest_, since))) {
    roles_[node].leads = std::ranges::any_of(
        node->edges, [&](const Node::Edge& edge) { return needed(edge.node.get()); });
  }
}

Roles::Role Roles::role(const Node* node) const {
  const auto found = roles_.find(node);
  return found == roles_.end() ? Role{} : found->second;
}

LeafTurns::LeafTurns(const std::vector<Node::Edge>& roots) {
  for (const Node* node : reachable(roots, 1)) {  // leaves have sequence number 0
    for (std::size_t i = 0; i < node->edges.size(); ++i) {
      const Node* const to = node->edges[i].node.get();
      if (to != nullptr && to->is_leaf()) {
        turns_.try_emplace(to, Turn{node->sequence, -static_cast<std::int64_t>(i)});
      }
    }
  }
}

Turn LeafTurns::of(const Node& leaf) const {
  const auto found = turns_.find(&leaf);
  return found == turns_.end() ? Turn() : found->second;
}

}  // namespace weft
