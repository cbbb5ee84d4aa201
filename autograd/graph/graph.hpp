#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "autograd/tensor.hpp"

namespace weft {

/// A recorded computation prepared for drawing: boxes, and edges that carry values from the box
/// that produces them to the boxes that use them. It holds no tensors, so it may outlive the
/// computation. Whatever is not on the tape is not included: ids, masks, and results computed under
/// NoGradGuard.
struct Graph {
  /// What a box represents.
  enum class Kind : std::uint8_t {
    op,        ///< a recorded op
    leaf,      ///< a tensor that requires a gradient
    constant,  ///< an operand without a gradient
    output,    ///< a result that `trace` was called with
    group,     ///< a module folded into one box
  };

  /// A node of the drawing.
  struct Box {
    Kind kind = Kind::op;    ///< what it stands for
    std::string name = {};   ///< of the op, leaf, output or group; empty for an unnamed leaf
    std::string group = {};  ///< dotted path of its module; empty if none
    std::size_t ops = 0;     ///< for a group: number of ops in it
    std::size_t leaves = 0;  ///< for a group: number of leaves in it
  };

  /// One use of a value.
  struct Edge {
    std::size_t from = 0;          ///< the box that produces the value
    std::size_t output = 0;        ///< which of its values; edges with the same one share it
    std::size_t to = 0;            ///< the box that uses it
    Shape shape = {};              ///< of the value
    DType dtype = DType::float32;  ///< of the value
    std::string name = {};         ///< of the value, if the caller named it
    std::size_t count = 1;         ///< in a folded graph: number of values of this shape
  };

  std::vector<Box> boxes;   ///< each comes after the boxes whose values it uses
  std::vector<Edge> edges;  ///< edges into a box are in the order of its inputs
};

/// Returns the dotted path of the module that a recorded op or leaf belongs to; empty if none.
using GroupOfNode = std::function<std::string(const Node&)>;

/// Collects the graph behind `outputs`, which must require gradients (Error otherwise). `names`
/// gives names to leaves (`model.named_parameters()`), results and outputs; names of other tensors
/// are ignored. Without `group`, a leaf `encoder.weight` belongs to the group `encoder`, and an op
/// to the group of its first leaf that has one. Iterative: depth does not use stack.
Graph trace(const std::vector<Tensor>& outputs,
            const std::vector<std::pair<std::string, Tensor>>& names = {},
            const GroupOfNode& group = {});

/// The same graph with all boxes of a group merged into one. Groups that use each other's results
/// become one, together with everything between them, so that the graph stays acyclic; its name is
/// the common prefix of their paths.
Graph fold_groups(const Graph& graph);

/// The graph in Graphviz's DOT language, with groups as clusters: `dot -Tpdf graph.dot`.
std::string to_dot(const Graph& graph);

/// Additional texts in an SVG.
struct SvgOptions {
  std::string title = "Computation graph";  ///< heading, and accessible name
  std::string description = {};             ///< for screen readers; counts the boxes if empty
};

/// The graph as a self-contained SVG: no scripts, no external files, light or dark as the reader
/// prefers. Values flow downwards and are labeled with their shapes. The same graph gives the same
/// bytes. Throws Error if edges span so many layers that the picture would be useless.
std::string to_svg(const Graph& graph, const SvgOptions& options = {});

}  // namespace weft
