#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "autograd/tensor.hpp"

namespace weft {

/// A recorded computation as a picture shows it: boxes, and edges that carry values from the box
/// that makes them to those that use them. It holds no tensor, so it may outlive what it shows.
/// What is not on the tape is not in it: ids, masks, and what was computed under NoGradGuard.
struct Graph {
  /// What a box stands for.
  enum class Kind : std::uint8_t {
    op,        ///< a recorded op
    leaf,      ///< a tensor that asks for a gradient
    constant,  ///< an operand that no gradient flows to
    output,    ///< a result that the graph was traced from
    group,     ///< a module folded into one box
  };

  /// A place in the picture.
  struct Box {
    Kind kind = Kind::op;    ///< what it stands for
    std::string name = {};   ///< of the op, leaf, output or group; empty for a nameless leaf
    std::string group = {};  ///< dotted path of the module it belongs to; empty if none
    std::size_t ops = 0;     ///< of a group: how many it holds
    std::size_t leaves = 0;  ///< of a group: how many it holds
  };

  /// A use of a value.
  struct Edge {
    std::size_t from = 0;          ///< the box that makes the value
    std::size_t output = 0;        ///< which of its values: edges with equal ones share it
    std::size_t to = 0;            ///< the box that uses it
    Shape shape = {};              ///< of the value
    DType dtype = DType::float32;  ///< of the value
    std::string name = {};         ///< of the value, if the caller named it
    std::size_t count = 1;         ///< of a folded graph: how many values of this shape go here
  };

  std::vector<Box> boxes;   ///< each stands behind all whose values it uses
  std::vector<Edge> edges;  ///< those into one box in the order of its inputs
};

/// Names the module, by its dotted path, that a recorded op or leaf belongs to; empty if none.
using GroupOfNode = std::function<std::string(const Node&)>;

/// Collects the graph behind `outputs`, which must require gradients (Error otherwise). `names`
/// names leaves (`model.named_parameters()`), results and outputs; those of other tensors are left
/// out. Without `group`, a leaf `encoder.weight` belongs to the group `encoder`, an op to the group
/// of its first leaf that has one. Iterative: depth costs no stack.
Graph trace(const std::vector<Tensor>& outputs,
            const std::vector<std::pair<std::string, Tensor>>& names = {},
            const GroupOfNode& group = {});

/// The same graph with all boxes of a group in one. Groups that use each other's results in turn
/// become one together with all that stands between them, so that the graph stays without circles;
/// its name is the part of their paths that they share.
Graph fold_groups(const Graph& graph);

/// The graph in Graphviz's language, groups as clusters: `dot -Tpdf graph.dot`.
std::string to_dot(const Graph& graph);

/// What an SVG says besides the graph.
struct SvgOptions {
  std::string title = "Computation graph";  ///< above the picture, and its accessible name
  std::string description = {};             ///< for those who cannot see it; counts boxes if empty
};

/// The graph as a picture of its own: no scripts, no other files, light or dark as the reader
/// prefers. Values flow downwards; each bears its shape. The same graph gives the same bytes.
/// Throws Error if edges cross so many layers that the picture would be of no use.
std::string to_svg(const Graph& graph, const SvgOptions& options = {});

}  // namespace weft
