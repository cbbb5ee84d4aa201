#pragma once

#include <map>
#include <string>
#include <vector>

#include "autograd/path.hpp"
#include "autograd/shape.hpp"

namespace weft {

/// A graph that is alive, seen from a root: a node that no other node leads to.
struct LiveGraph {
  std::string op;              ///< of the root
  std::vector<Shape> outputs;  ///< of the root, those that somebody holds
  Place place;                 ///< where the root was recorded
  std::int64_t nodes = 0;      ///< from the root down, leaves not counted
  std::int64_t freed = 0;      ///< of these, how many a backward freed: they keep little memory
  std::map<std::string, std::int64_t> ops;  ///< how many nodes of each op
  /// Who keeps the root alive: handles of the program, the gradient of a leaf, a hook, a backward
  /// function.
  std::vector<std::string> holders;
};

/// One line a graph:
///
///     add []: 6 nodes (3 add, 3 mul), 6 of them freed; held by 1 handle of the program
std::string to_string(const LiveGraph& graph);

/// Remembers, for a scope, every node that any thread records, and tells what keeps those alive
/// that should be dead: a search for leaks. Recording is a little slower meanwhile.
class GraphTracker {
 public:
  GraphTracker();
  ~GraphTracker();
  GraphTracker(const GraphTracker&) = delete;
  GraphTracker& operator=(const GraphTracker&) = delete;

  /// Graphs recorded since this tracker began that are alive now, by age. What a function object
  /// captures is found by copying it: a tensor captured behind a pointer counts as a handle of the
  /// program. No other thread may record meanwhile.
  std::vector<LiveGraph> report() const;

 private:
  std::uint64_t first_;  // sequence number of the first node that is this tracker's
};

}  // namespace weft
