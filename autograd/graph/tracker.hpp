#pragma once

#include <map>
#include <string>
#include <vector>

#include "autograd/path.hpp"
#include "autograd/shape.hpp"

namespace weft {

/// A live graph, described by its root: a node that no other node points to.
struct LiveGraph {
  std::string op;              ///< of the root
  std::vector<Shape> outputs;  ///< outputs of the root that are still held
  Place place;                 ///< where the root was recorded
  std::int64_t nodes = 0;      ///< reachable from the root, not counting leaves
  std::int64_t freed = 0;      ///< how many of these a backward pass freed: they use little memory
  std::map<std::string, std::int64_t> ops;  ///< number of nodes per op
  /// What keeps the root alive: handles of the program, the gradient of a leaf, a hook, a backward
  /// function.
  std::vector<std::string> holders;
};

/// One line per graph:
///
///     add []: 6 nodes (3 add, 3 mul), 6 of them freed; held by 1 handle of the program
std::string to_string(const LiveGraph& graph);

/// Tracks every node that any thread records during a scope, and reports what keeps alive those
/// that should be gone: a leak detector. Recording is slightly slower meanwhile.
class GraphTracker {
 public:
  GraphTracker();
  ~GraphTracker();
  GraphTracker(const GraphTracker&) = delete;
  GraphTracker& operator=(const GraphTracker&) = delete;

  /// Graphs recorded since this tracker was created that are still alive, oldest first. The
  /// captures of a function object are found by copying it: a tensor captured behind a pointer
  /// counts as a handle of the program. No other thread may record during the call.
  std::vector<LiveGraph> report() const;

 private:
  std::uint64_t first_;  // sequence number of this tracker's first node
};

}  // namespace weft
