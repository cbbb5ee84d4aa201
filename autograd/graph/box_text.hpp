#pragma once

#include <string>
#include <vector>

#include "autograd/graph/graph.hpp"

/// The text in a picture of a graph, the same in every format. For the writers; users need only
/// graph.hpp.
namespace weft::detail {

/// The lines of text in a box.
struct BoxText {
  std::string name;
  std::string detail;  ///< shape and dtype of a leaf, contents of a group; may be empty
};

/// The text of every box of the graph.
std::vector<BoxText> box_texts(const Graph& graph);

/// The label of a value: its name, number and shape; empty if its box already shows them.
std::string value_text(const Graph& graph, const Graph::Edge& edge);

/// The number of boxes of each kind: `3 ops, 4 leaves, 1 output`.
std::string summary(const Graph& graph);

}  // namespace weft::detail
