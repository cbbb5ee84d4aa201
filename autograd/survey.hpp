#pragma once

#include <cstdint>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "autograd/node.hpp"

/// What is found out about a graph before it is walked. Internal to the engine.
namespace weft {

/// The nodes that can be reached from the roots, by rising sequence number; none below `oldest`.
std::vector<const Node*> reachable(const std::vector<Node::Edge>& roots, std::uint64_t oldest);

/// What the nodes of a graph have to do with the inputs of `grad`.
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

/// When a node's turn comes in a walk: that of the greatest is first.
struct Turn {
  std::uint64_t sequence = 0;  ///< the node's own; of a leaf, that of the last node before it
  std::int64_t place = 0;      ///< orders a node and the leaves that come right after it
  /// Whether the other's turn is first.
  bool operator<(const Turn& other) const {
    return std::tie(sequence, place) < std::tie(other.sequence, other.place);
  }
};

/// The turn of a node that is no leaf.
inline Turn turn_of(const Node& node) { return {node.sequence, 1}; }

/// The first moment at which a leaf's gradient is complete: after its oldest consumer. Among the
/// leaves of one consumer the order is that of its inputs. A checkpoint's node has an edge to each
/// leaf that it will use, and all that it records is younger than itself, so comes up before the
/// turn of these leaves.
class LeafTurns {
 public:
  /// Knows no leaf: all come last.
  LeafTurns() = default;
  /// Of the leaves below `roots`.
  explicit LeafTurns(const std::vector<Node::Edge>& roots);

  /// The turn of a leaf; the last one if it has no consumer or is unknown.
  Turn of(const Node& leaf) const;

 private:
  std::unordered_map<const Node*, Turn> turns_;
};

}  // namespace weft
