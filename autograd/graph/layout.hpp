#pragma once

#include <vector>

#include "autograd/graph/graph.hpp"

/// Where the parts of a drawing stand, by the method of Sugiyama, Tagawa and Toda 1981, "Methods
/// for visual understanding of hierarchical system structures":
///
/// 1. boxes are put into layers so that every edge leads downwards (layers.cpp);
/// 2. an edge is cut at each layer that it crosses, and each layer is ordered so that few edges
///    cross each other (order.cpp);
/// 3. everything gets a place from left to right, long edges straight (align.cpp);
/// 4. layers are set one below the other, and edges are led from box to box (layout.cpp).
///
/// A value that several boxes use is one line, a trunk, that branches off to each. For the writers;
/// users need graph.hpp only.
namespace weft::detail {

struct Size {
  double width = 0;
  double height = 0;
};

struct Point {
  double x = 0;
  double y = 0;
};

/// A rectangle around `center`.
struct Rect {
  Point center;
  Size size;

  double left() const { return center.x - size.width / 2; }
  double right() const { return center.x + size.width / 2; }
  double top() const { return center.y - size.height / 2; }
  double bottom() const { return center.y + size.height / 2; }
};

/// A part of the drawing that takes room in one layer: a box, or a value on its way through.
/// Boxes come first, in the graph's order, in the even layers; labels are in the odd ones.
struct Vertex {
  Size size;
  std::size_t layer = 0;
  bool on_edge = false;                 ///< part of a trunk
  bool aside = false;                   ///< of the trunk of a leaf: gives way to results of ops
  std::vector<std::size_t> above = {};  ///< neighbors in the layer above, one for each edge
  std::vector<std::size_t> below = {};  ///< and in the layer below
};

/// All parts, and the order of each layer from left to right.
struct Layers {
  std::vector<Vertex> vertices;
  std::vector<std::vector<std::size_t>> order;
};

/// For each box its layer among boxes: an edge leads from a smaller number to a larger one.
std::vector<std::size_t> box_layers(const Graph& graph);

/// Fills `order` so that few edges cross.
void order_layers(Layers& layers);

/// The horizontal center of each vertex: as `order` has them, apart by their widths.
std::vector<double> align(const Layers& layers);

/// The way of a line. Between two points one below the other it goes straight down; between others
/// it bends, upright at both ends.
using Line = std::vector<Point>;

/// A value of the graph: the line from its box to where the last of its uses branches off.
struct Trunk {
  std::vector<std::size_t> edges;  ///< its uses
  Rect label;                      ///< where its label stands, of the size that was asked for
  Line line;
};

/// A finished drawing in a rectangle from (0, 0) to `size`.
struct Layout {
  Size size;
  std::vector<Rect> boxes;     ///< as in the graph
  std::vector<Trunk> trunks;   ///< one for each value, by first use
  std::vector<Line> branches;  ///< of each edge, from its trunk to the upper side of its box
};

/// Lays out a graph with the given sizes of its boxes and of the labels of its edges (of a value,
/// the first edge's; nothing for none). Throws Error if edges cross too many layers to be drawn.
Layout lay_out(const Graph& graph, const std::vector<Size>& boxes, const std::vector<Size>& labels);

}  // namespace weft::detail
