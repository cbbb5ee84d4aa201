#include "autograd/graph/layout.hpp"

#include <algorithm>
#include <map>

#include "autograd/error.hpp"

namespace weft::detail {
namespace {

constexpr std::size_t kMostVertices = 1'000'000;
constexpr double kLayerGap = 14;  ///< minimum between two layers
constexpr double kTip = 12;       ///< straight end of a line, below its arrow tip
constexpr double kPortGap = 14;   ///< between two lines on the same side of a box
constexpr double kPortEdge = 14;  ///< between a line and the corner of a box

/// A value of the graph: its uses, and the vertices of its trunk.
struct Value {
  std::vector<std::size_t> edges;
  std::vector<std::size_t> vertices;
};

class Drawing {
 public:
  Drawing(const Graph& graph, const std::vector<Size>& boxes, const std::vector<Size>& labels)
      : graph_(graph), values_of_(graph.boxes.size()), edges_into_(graph.boxes.size()) {
    add_boxes(boxes);
    collect_values();
    for (Value& value : values_) {
      add_trunk(value, labels[value.edges.front()]);
    }
    for (std::size_t i = 0; i < graph.edges.size(); ++i) {
      connect(end_of_trunk(i), graph.edges[i].to);
    }
    order_layers(layers_);
    x_ = align(layers_);
    stack_layers();
  }

  Layout layout() {
    Layout layout;
    for (std::size_t i = 0; i < graph_.boxes.size(); ++i) {
      layout.boxes.push_back(rect(i));
    }
    lead_trunks(layout);
    lead_branches(layout);
    fit(layout);
    return layout;
  }

 private:
  const Vertex& vertex(std::size_t v) const { return layers_.vertices[v]; }

  Rect rect(std::size_t v) const {
    const std::size_t layer = vertex(v).layer;
    return {{x_[v], (top_[layer] + bottom_[layer]) / 2}, vertex(v).size};
  }

  void add_boxes(const std::vector<Size>& sizes) {
    const std::vector<std::size_t> layers = box_layers(graph_);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      layers_.vertices.push_back({.size = sizes[i], .layer = 2 * layers[i]});
    }
  }

  void collect_values() {
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> numbers;
    for (std::size_t i = 0; i < graph_.edges.size(); ++i) {
      const Graph::Edge& edge = graph_.edges[i];
      const auto [place, fresh] = numbers.try_emplace({edge.from, edge.output}, values_.size());
      if (fresh) {
        values_.emplace_back();
        values_of_[edge.from].push_back(place->second);
      }
      values_[place->second].edges.push_back(i);
      edges_into_[edge.to].push_back(i);
      value_of_.push_back(place->second);
    }
  }

  void connect(std::size_t upper, std::size_t lower) {
    layers_.vertices[upper].below.push_back(lower);
    layers_.vertices[lower].above.push_back(upper);
  }

  /// Adds a vertex in every layer that the value crosses; its label is in the first.
  void add_trunk(Value& value, Size label) {
    std::size_t last = 0;
    for (const std::size_t edge : value.edges) {
      last = std::max(last, vertex(graph_.edges[edge].to).layer);
    }
    std::size_t upper = graph_.edges[value.edges.front()].from;
    const Graph::Kind kind = graph_.boxes[upper].kind;
    const bool aside = kind == Graph::Kind::leaf || kind == Graph::Kind::constant;
    for (std::size_t layer = vertex(upper).layer + 1; layer < last; ++layer) {
      if (layers_.vertices.size() == kMostVertices) {
        fail("to_svg: edges cross too many layers; got {} boxes; hint: fold_groups() or to_dot()",
             graph_.boxes.size());
      }
      value.vertices.push_back(layers_.vertices.size());
      layers_.vertices.push_back({.size = value.vertices.size() == 1 ? label : Size{},
                                  .layer = layer,
                                  .on_edge = true,
                                  .aside = aside});
      connect(upper, value.vertices.back());
      upper = value.vertices.back();
    }
  }

  /// The trunk vertex from which an edge branches off: the one above its target box.
  std::size_t end_of_trunk(std::size_t edge) const {
    const Graph::Edge& e = graph_.edges[edge];
    return values_[value_of_[edge]].vertices[vertex(e.to).layer - vertex(e.from).layer - 2];
  }

  /// The vertical position of each layer. The larger the horizontal distance of the lines between
  /// two layers, the farther apart the layers are, so that no line is nearly horizontal.
  void stack_layers() {
    double y = 0;
    for (std::size_t i = 0; i < layers_.order.size(); ++i) {
      double height = 0;
      double reach = 0;
      for (const std::size_t v : layers_.order[i]) {
        height = std::max(height, vertex(v).size.height);
        for (const std::size_t below : vertex(v).below) {
          reach = std::max(reach, std::abs(x_[v] - x_[below]));
        }
      }
      top_.push_back(y);
      bottom_.push_back(y + height);
      y += height + std::clamp(reach / 6, kLayerGap, 5 * kLayerGap) + (i % 2 == 1 ? kTip : 0);
    }
  }

  /// The points where lines meet a side of a box: each vertically aligned with its other end, as
  /// far as the width of the box and the gaps between lines allow. `places` are in ascending order.
  static std::vector<double> ports(const Rect& box, const std::vector<double>& places) {
    const auto count = static_cast<double>(places.size());
    const double low = std::min(box.left() + kPortEdge, box.center.x);
    const double high = std::max(box.right() - kPortEdge, box.center.x);
    const double gap = std::min(kPortGap, (high - low) / std::max(1.0, count - 1));
    std::vector<double> right(places.size());  // lines pushed to the right
    std::vector<double> left(places.size());   // lines pushed to the left
    for (std::size_t i = 0; i < places.size(); ++i) {
      const double behind = static_cast<double>(places.size() - 1 - i);
      right[i] = std::max(std::clamp(places[i], low, high), i == 0 ? low : right[i - 1] + gap);
      right[i] = std::min(right[i], high - behind * gap);
    }
    for (std::size_t i = places.size(); i-- > 0;) {
      const double before = static_cast<double>(i);
      const bool last = i + 1 == places.size();
      left[i] = std::min(std::clamp(places[i], low, high), last ? high : left[i + 1] - gap);
      left[i] = std::max(left[i], low + before * gap);
      left[i] = (left[i] + right[i]) / 2;
    }
    return left;
  }

  void lead_trunks(Layout& layout) const {
    layout.trunks.resize(values_.size());
    for (std::size_t box = 0; box < graph_.boxes.size(); ++box) {
      std::vector<std::size_t> values = values_of_[box];
      const auto place = [this](std::size_t value) { return x_[values_[value].vertices.front()]; };
      std::ranges::stable_sort(values, {}, place);
      std::vector<double> places;
      std::ranges::transform(values, std::back_inserter(places), place);
      const std::vector<double> x = ports(layout.boxes[box], places);
      for (std::size_t i = 0; i < values.size(); ++i) {
        layout.trunks[values[i]] = trunk(values_[values[i]], {x[i], layout.boxes[box].bottom()});
      }
    }
  }

  Trunk trunk(const Value& value, Point start) const {
    const std::size_t box = graph_.edges[value.edges.front()].from;
    Trunk trunk{.edges = value.edges,
                .label = rect(value.vertices.front()),
                .line = {start, {start.x, bottom_[vertex(box).layer]}}};
    for (const std::size_t v : value.vertices) {
      trunk.line.push_back({x_[v], top_[vertex(v).layer]});
      trunk.line.push_back({x_[v], bottom_[vertex(v).layer]});
    }
    return trunk;
  }

  void lead_branches(Layout& layout) const {
    layout.branches.resize(graph_.edges.size());
    for (std::size_t box = 0; box < graph_.boxes.size(); ++box) {
      std::vector<std::size_t> edges = edges_into_[box];
      const auto place = [this](std::size_t edge) { return x_[end_of_trunk(edge)]; };
      std::ranges::stable_sort(edges, {}, place);
      std::vector<double> places;
      std::ranges::transform(edges, std::back_inserter(places), place);
      const std::vector<double> x = ports(layout.boxes[box], places);
      for (std::size_t i = 0; i < edges.size(); ++i) {
        const std::size_t layer = vertex(box).layer;
        layout.branches[edges[i]] = {{places[i], bottom_[layer - 1]},
                                     {x[i], top_[layer] - kTip},
                                     {x[i], layout.boxes[box].top()}};
      }
    }
  }

  /// Shifts everything so that the drawing starts at x = 0.
  void fit(Layout& layout) const {
    double left = 0;
    double right = 0;
    for (std::size_t v = 0; v < x_.size(); ++v) {
      const Rect place = rect(v);
      left = v == 0 ? place.left() : std::min(left, place.left());
      right = v == 0 ? place.right() : std::max(right, place.right());
    }
    for (Rect& box : layout.boxes) {
      box.center.x -= left;
    }
    for (Trunk& trunk : layout.trunks) {
      trunk.label.center.x -= left;
      std::ranges::for_each(trunk.line, [left](Point& point) { point.x -= left; });
    }
    for (Line& branch : layout.branches) {
      std::ranges::for_each(branch, [left](Point& point) { point.x -= left; });
    }
    layout.size = {right - left, bottom_.empty() ? 0 : bottom_.back()};
  }

  const Graph& graph_;
  std::vector<Value> values_;
  std::vector<std::size_t> value_of_;                 // per edge
  std::vector<std::vector<std::size_t>> values_of_;   // per box
  std::vector<std::vector<std::size_t>> edges_into_;  // per box
  Layers layers_;
  std::vector<double> x_;       // per vertex
  std::vector<double> top_;     // per layer
  std::vector<double> bottom_;  // per layer
};

}  // namespace

Layout lay_out(const Graph& graph, const std::vector<Size>& boxes,
               const std::vector<Size>& labels) {
  return Drawing(graph, boxes, labels).layout();
}

}  // namespace weft::detail
