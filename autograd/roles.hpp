#pragma once

#include <unordered_map>
#include <vector>

#include "autograd/node.hpp"

namespace weft {

/// The nodes that can be reached from the roots, by rising sequence number; none below `oldest`.
std::vector<const Node*> reachable(const std::vector<Node::Edge>& roots, std::uint64_t oldest);

/// What the nodes of a graph have to do with the inputs of `grad`. Internal to the engine.
class Roles {
 public:
  /// Of all nodes between `roots`, the outputs, and `wanted`, the inputs.
  Roles(const std::vector<Node::Edge>& roots, const std::vector<Node::Edge>& wanted);

  /// Whether the node's gradient was asked for, or is needed for one that was.
  bool needed(const Node* node) const { return role(node).wanted || role(node).leads; }
  /// Whether a gradient that was asked for lies below the node.
  bool leads(const Node* node) const { return role(node).leads; }
  /// Takes in a graph that was recorded later than node number `since`.
  void extend(const std::vector<Node::Edge>& roots, std::uint64_t since);

 private:
  struct Role {
    bool wanted = false;
    bool leads = false;
  };

  Role role(const Node* node) const;

  std::unordered_map<const Node*, Role> roles_;
  std::uint64_t oldest_;  // of what is wanted
};

}  // namespace weft
