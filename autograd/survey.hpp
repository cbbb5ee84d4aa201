#pragma once

#include <cstdint>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "autograd/node.hpp"

/// Analyses a graph before a backward pass. Internal to the engine.
namespace weft {

/// The nodes reachable from the roots, by ascending sequence number, down to `oldest`.
std::vector<const Node*> reachable(const std::vector<Node::Edge>& roots, std::uint64_t oldest);

/// How the nodes of a graph relate to the inputs of `grad`.
class Roles {
 public:
  /// Covers all nodes between `roots`, the outputs, and `wanted`, the inputs.
  Roles(const std::vector<Node::Edge>& roots, const std::vector<Node::Edge>& wanted);

  /// Whether the node's gradient is requested, or is needed for one that is.
  bool needed(const Node* node) const { return role(node).wanted || role(node).leads; }
  /// Whether a requested gradient lies below the node.
  bool leads(const Node* node) const { return role(node).leads; }
  /// Adds a graph that was recorded after node number `since`.
  void extend(const std::vector<Node::Edge>& roots, std::uint64_t since);

 private:
  struct Role {
    bool wanted = false;
    bool leads = false;
  };

  Role role(const Node* node) const;

  std::unordered_map<const Node*, Role> roles_;
  std::uint64_t oldest_;  // lowest sequence number among the wanted nodes
};

/// When a node is visited in a backward pass: the greatest turn comes first.
struct Turn {
  std::uint64_t sequence = 0;  ///< the node's own; for a leaf, that of the last node before it
  std::int64_t place = 0;      ///< orders a node and the leaves that come right after it
  /// Whether the other turn comes first.
  bool operator<(const Turn& other) const {
    return std::tie(sequence, place) < std::tie(other.sequence, other.place);
  }
};

/// The turn of a node that is not a leaf.
inline Turn turn_of(const Node& node) { return {node.sequence, 1}; }

/// The earliest point at which a leaf's gradient is complete: right after its oldest consumer. The
/// leaves of one consumer come in the order of its inputs. A checkpoint's node has an edge to each
/// leaf it will use, and everything it records is newer than itself, so is visited before the turn
/// of these leaves.
class LeafTurns {
 public:
  /// Knows no leaves: all come last.
  LeafTurns() = default;
  /// Covers the leaves below `roots`.
  explicit LeafTurns(const std::vector<Node::Edge>& roots);

  /// The turn of a leaf; the last one if the leaf has no consumer or is unknown.
  Turn of(const Node& leaf) const;

 private:
  std::unordered_map<const Node*, Turn> turns_;
};

}  // namespace weft
