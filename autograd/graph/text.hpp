#pragma once

#include <string>
#include <vector>

#include "autograd/graph/graph.hpp"

/// The words in a picture of a graph, the same in every format. For the writers; users need
/// graph.hpp only.
namespace weft::detail {

/// The lines in a box.
struct BoxText {
  std::string name;
  std::string detail;  ///< shape and dtype of a leaf, contents of a group; may be empty
};

/// The text of every box of the graph.
std::vector<BoxText> box_texts(const Graph& graph);

/// What stands at a value: its name, number and shape; empty where its box says so already.
std::string value_text(const Graph& graph, const Graph::Edge& edge);

/// How many boxes of each kind there are: `3 ops, 4 leaves, 1 output`.
std::string summary(const Graph& graph);

}  // namespace weft::detail
