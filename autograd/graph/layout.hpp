#pragma once

#include <vector>

#include "autograd/graph/graph.hpp"

/// Layered graph layout by the method of Sugiyama, Tagawa and Toda 1981, "Methods for visual
/// understanding of hierarchical system structures":
///
/// 1. boxes are assigned to layers so that every edge points downwards (layers.cpp);
/// 2. an edge is cut at each layer that it crosses, and each layer is ordered so that few edges
///    cross each other (order.cpp);
/// 3. every vertex gets a horizontal position, with long edges straight (align.cpp);
/// 4. layers are placed one below the other, and edges are routed from box to box (layout.cpp).
///
/// A value used by several boxes is drawn as one line, a trunk, that branches off to each. For the
/// writers; users need only graph.hpp.
namespace weft::detail {

struct Size {
  double width = 0;
  double height = 0;
};

struct Point {
  double x = 0;
  double y = 0;
};

/// A rectangle centered at `center`.
struct Rect {
  Point center;
  Size size;

  double left() const { return center.x - size.width / 2; }
  double right() const { return center.x + size.width / 2; }
  double top() const { return center.y - size.height / 2; }
  double bottom() const { return center.y + size.height / 2; }
};

/// An element that takes up space in one layer: a box, or a value passing through. Boxes come
/// first, in the graph's order, and are in even layers; labels are in odd ones.
struct Vertex {
  Size size;
  std::size_t layer = 0;
  bool on_edge = false;                 ///< part of a trunk
  bool aside = false;                   ///< of a leaf's trunk: makes way for results of ops
  std::vector<std::size_t> above = {};  ///< neighbors in the layer above, one per edge
  std::vector<std::size_t> below = {};  ///< and in the layer below
};

/// All vertices, and the order of each layer from left to right.
struct Layers {
  std::vector<Vertex> vertices;
  std::vector<std::vector<std::size_t>> order;
};

/// The layer of each box, counting only layers of boxes: edges lead from smaller to larger numbers.
std::vector<std::size_t> box_layers(const Graph& graph);

/// Fills in `order` so that few edges cross.
void order_layers(Layers& layers);

/// The horizontal center of each vertex: in the order of `order`, without overlaps.
std::vector<double> align(const Layers& layers);

/// The points of a line. It is straight between two points one below the other, and otherwise a
/// curve that is vertical at both ends.
using Line = std::vector<Point>;

/// A value of the graph: the line from its box to the branch of its last use.
struct Trunk {
  std::vector<std::size_t> edges;  ///< its uses
  Rect label;                      ///< position of its label, in the requested size
  Line line;
};

/// A finished drawing within the rectangle from (0, 0) to `size`.
struct Layout {
  Size size;
  std::vector<Rect> boxes;     ///< as in the graph
  std::vector<Trunk> trunks;   ///< one for each value, by first use
  std::vector<Line> branches;  ///< one per edge, from its trunk to the top of its box
};

/// Lays out a graph, given the sizes of its boxes and of the labels of its edges (for a value, the
/// label of its first edge; a zero size for none). Throws Error if edges span too many layers to
/// draw.
Layout lay_out(const Graph& graph, const std::vector<Size>& boxes, const std::vector<Size>& labels);

}  // namespace weft::detail
