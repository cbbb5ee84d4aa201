#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "autograd/graph/box_text.hpp"
#include "autograd/graph/graph.hpp"
#include "autograd/graph/layout.hpp"
#include "autograd/graph/xml.hpp"

namespace weft {
namespace {

using detail::BoxText;
using detail::Layout;
using detail::Point;
using detail::Rect;
using detail::Size;
using detail::xml_text;

// Text is monospaced, so its width is known without the font; in tenths of a pixel per column.
constexpr std::size_t kNameColumn = 79;    ///< at 13 pixels
constexpr std::size_t kDetailColumn = 67;  ///< at 11 pixels
constexpr std::size_t kTitleColumn = 100;  ///< at 16 pixels, bold
constexpr std::size_t kMostColumns = 40;   ///< longer names are abbreviated, except in tooltips

constexpr double kMargin = 24;
constexpr double kTitleHeight = 40;
constexpr double kLegendRow = 26;
constexpr double kLeastWidth = 420;

constexpr std::string_view kStyle = R"(
    .weft { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace }
    .weft text { fill: #1b2733; text-anchor: middle }
    .weft .title { font: bold 16px system-ui, sans-serif; text-anchor: start }
    .weft .legend text { text-anchor: start }
    .weft .detail, .weft .legend text { font-size: 11px; fill: #4a5866 }
    .weft .page { fill: #ffffff }
    .weft .value path { fill: none; stroke: #7a8794; stroke-width: 1.4 }
    .weft .tip { fill: #7a8794 }
    .weft .form { fill: #e8f0fb; stroke: #3f6ea8; stroke-width: 1.4 }
    .weft .leaf .form { fill: #fdf1dc; stroke: #b0741a }
    .weft .constant .form { fill: #f2f4f6; stroke: #6d7a87; stroke-dasharray: 4 3 }
    .weft .output .form { fill: #e2f5ea; stroke: #2c8353 }
    .weft .group .form { fill: #f0eafb; stroke: #7150b8 }
    @media (prefers-color-scheme: dark) {
      .weft text { fill: #e4eaf0 }
      .weft .detail, .weft .legend text { fill: #a9b4bf }
      .weft .page { fill: #12171d }
      .weft .value path { stroke: #7f8c99 }
      .weft .tip { fill: #7f8c99 }
      .weft .form { fill: #1b2b40; stroke: #6f9fd8 }
      .weft .leaf .form { fill: #3a2b12; stroke: #d9a14a }
      .weft .constant .form { fill: #222931; stroke: #8995a1 }
      .weft .output .form { fill: #15321f; stroke: #58b684 }
      .weft .group .form { fill: #2a2140; stroke: #a68be0 }
    }
)";

/// The width of a text in pixels, rounded up to an even number so that centers are whole numbers.
double width_of(const std::string& text, std::size_t column) {
  const std::size_t pairs = (detail::columns(text) * column + 19) / 20;
  return 2 * static_cast<double>(pairs);
}

std::string label_of(const std::string& name) { return detail::shortened(name, kMostColumns); }

Size box_size(Graph::Kind kind, const BoxText& text, std::size_t inputs) {
  const double name = width_of(label_of(text.name), kNameColumn);
  const double width = std::max(name, width_of(text.detail, kDetailColumn));
  const double around = kind == Graph::Kind::op ? 24 : kind == Graph::Kind::output ? 40 : 32;
  // Room for a few lines on either side of one that comes straight from above.
  const double ports = 28 * static_cast<double>(std::clamp<std::size_t>(inputs, 2, 4));
  return {std::max(ports, width + around), text.detail.empty() ? 30.0 : 44.0};
}

/// Formats a coordinate to a tenth of a pixel.
std::string px(double value) {
  std::string text = fmt::format("{:.1f}", value);
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

std::string_view class_of(Graph::Kind kind) {
  constexpr std::string_view kNames[] = {"op", "leaf", "constant", "output", "group"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string rectangle(const Rect& rect, double radius, std::string_view css) {
  return fmt::format(R"(<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>)", css,
                     px(rect.left()), px(rect.top()), px(rect.size.width), px(rect.size.height),
                     px(radius));
}

/// Distinguishes the kinds of boxes without colors: ops have corners, leaves are round, constants
/// have a dashed outline, outputs have pointed ends, groups look like a stack.
std::string form(Graph::Kind kind, Rect rect) {
  constexpr double kPile = 4;
  constexpr double kPoint = 12;
  switch (kind) {
    case Graph::Kind::leaf:
    case Graph::Kind::constant:
      return rectangle(rect, std::min(rect.size.height / 2, 16.0), "form");
    case Graph::Kind::output:
      return fmt::format(R"(<path class="form" d="M{},{} H{} L{},{} L{},{} H{} L{},{} Z"/>)",
                         px(rect.left() + kPoint), px(rect.top()), px(rect.right() - kPoint),
                         px(rect.right()), px(rect.center.y), px(rect.right() - kPoint),
                         px(rect.bottom()), px(rect.left() + kPoint), px(rect.left()),
                         px(rect.center.y));
    case Graph::Kind::group: {
      rect.size = {rect.size.width - kPile, rect.size.height - kPile};
      Rect behind = rect;
      behind.center = {rect.center.x + kPile / 2, rect.center.y + kPile / 2};
      rect.center = {rect.center.x - kPile / 2, rect.center.y - kPile / 2};
      return rectangle(behind, 4, "form") + rectangle(rect, 4, "form");
    }
    default:
      return rectangle(rect, 4, "form");
  }
}

/// The path through the points: straight down where possible, else a curve vertical at both ends.
std::string path(const detail::Line& points) {
  std::string d = fmt::format("M{},{}", px(points[0].x), px(points[0].y));
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto& [x, y] = points[i];
    const auto& [x0, y0] = points[i - 1];
    const bool straight = px(x) == px(x0);
    if (straight && i + 1 < points.size() && px(points[i + 1].x) == px(x)) {
      continue;  // the next segment continues straight
    }
    if (straight) {
      d += fmt::format(" V{}", px(y));
    } else {
      const std::string middle = px((y0 + y) / 2);
      d += fmt::format(" C{},{} {},{} {},{}", px(x0), middle, px(x), middle, px(x), px(y));
    }
  }
  return d;
}

class Writer {
 public:
  Writer(const Graph& graph, const SvgOptions& options)
      : graph_(graph), options_(options), texts_(detail::box_texts(graph)) {
    std::vector<std::size_t> inputs(graph.boxes.size());
    for (const Graph::Edge& edge : graph.edges) {
      ++inputs[edge.to];
    }
    std::vector<Size> boxes;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      boxes.push_back(box_size(graph.boxes[i].kind, texts_[i], inputs[i]));
    }
    std::vector<Size> labels;
    for (const Graph::Edge& edge : graph.edges) {
      labels_.push_back(label_of(detail::value_text(graph, edge)));
      const std::string& text = labels_.back();
      labels.push_back(text.empty() ? Size{} : Size{width_of(text, kDetailColumn) + 8, 18});
    }
    layout_ = detail::lay_out(graph, boxes, labels);
  }

  std::string write() {
    place_legend();
    head();
    fmt::format_to(append(), "  <g transform=\"translate({},{})\">\n",
                   px((width_ - layout_.size.width) / 2), px(kMargin + kTitleHeight));
    for (const detail::Trunk& trunk : layout_.trunks) {
      write_value(trunk);
    }
    for (std::size_t i = 0; i < graph_.boxes.size(); ++i) {
      write_box(graph_.boxes[i].kind, texts_[i], layout_.boxes[i]);
    }
    svg_ += "  </g>\n";
    write_legend();
    return svg_ + "</svg>\n";
  }

 private:
  struct LegendItem {
    Graph::Kind kind;
    std::string text;
    Point place = {};  ///< the middle of its left side, relative to the legend
  };

  std::back_insert_iterator<std::string> append() { return std::back_inserter(svg_); }

  /// Arranges the legend's items in rows; this determines the width and height of the picture.
  void place_legend() {
    const double title = width_of(options_.title, kTitleColumn);
    width_ = std::max({kLeastWidth, layout_.size.width + 2 * kMargin, title + 2 * kMargin});
    constexpr std::pair<Graph::Kind, std::string_view> kItems[] = {
        {Graph::Kind::op, "op"},
        {Graph::Kind::group, "module, folded"},
        {Graph::Kind::leaf, "leaf: asks for a gradient"},
        {Graph::Kind::constant, "constant: no gradient"},
        {Graph::Kind::output, "output"}};
    double x = 0;
    double y = kLegendRow / 2;
    for (const auto& [kind, text] : kItems) {
      if (std::ranges::find(graph_.boxes, kind, &Graph::Box::kind) == graph_.boxes.end()) {
        continue;
      }
      const double width = kSwatch.width + 8 + width_of(std::string(text), kDetailColumn);
      if (x > 0 && x + width > width_ - 2 * kMargin) {
        x = 0;
        y += kLegendRow;
      }
      legend_.push_back({kind, std::string(text), {x, y}});
      x += width + 20;
    }
    legend_top_ = kMargin + kTitleHeight + layout_.size.height + kMargin;
    height_ = legend_top_ + y + kLegendRow / 2 + kMargin / 2;
  }

  void head() {
    const std::string description =
        options_.description.empty()
            ? fmt::format("A graph of {}. Values flow downwards.", detail::summary(graph_))
            : options_.description;
    const std::string width = px(width_);
    const std::string height = px(height_);
    fmt::format_to(append(),
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"weft\" width=\"{}\" "
                   "height=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\" "
                   "aria-labelledby=\"weft-title weft-desc\">\n",
                   width, height, width, height);
    fmt::format_to(append(), "  <title id=\"weft-title\">{}</title>\n", xml_text(options_.title));
    fmt::format_to(append(), "  <desc id=\"weft-desc\">{}</desc>\n", xml_text(description));
    fmt::format_to(append(), "  <style>{}  </style>\n", kStyle);
    svg_ +=
        "  <marker id=\"weft-tip\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"8\" "
        "markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
        "<path class=\"tip\" d=\"M0,0.5 L8,4 L0,7.5 Z\"/></marker>\n";
    fmt::format_to(append(), "  <rect class=\"page\" width=\"{}\" height=\"{}\"/>\n", width,
                   height);
    fmt::format_to(append(), "  <text class=\"title\" x=\"{}\" y=\"{}\">{}</text>\n", px(kMargin),
                   px(kMargin + 14), xml_text(options_.title));
  }

  /// Writes a value: its trunk, its branches and its label.
  void write_value(const detail::Trunk& trunk) {
    std::string branches;
    std::string users;
    for (const std::size_t edge : trunk.edges) {
      branches += fmt::format("<path marker-end=\"url(#weft-tip)\" d=\"{}\"/>",
                              path(layout_.branches[edge]));
      users += (users.empty() ? "" : ", ") + texts_[graph_.edges[edge].to].name;
    }
    const std::size_t first = trunk.edges.front();
    const Graph::Edge& edge = graph_.edges[first];
    fmt::format_to(append(), "    <g class=\"value\"><title>{} → {}: {} {}</title>",
                   xml_text(texts_[edge.from].name), xml_text(users), edge.shape, name(edge.dtype));
    fmt::format_to(append(), "<path d=\"{}\"/>{}", path(trunk.line), branches);
    if (!labels_[first].empty()) {
      svg_ += rectangle(trunk.label, 0, "page");
      text("detail", {trunk.label.center.x, trunk.label.center.y + 4}, labels_[first]);
    }
    svg_ += "</g>\n";
  }

  void write_box(Graph::Kind kind, const BoxText& box, const Rect& rect) {
    fmt::format_to(append(), "    <g class=\"{}\"><title>{}{}{}</title>{}", class_of(kind),
                   xml_text(box.name), box.detail.empty() ? "" : ": ", xml_text(box.detail),
                   form(kind, rect));
    // The baseline of a line of text is a third of the letter height below its middle.
    const double shift = kind == Graph::Kind::group ? -2 : 0;
    const Point center = {rect.center.x + shift, rect.center.y + shift};
    text("", {center.x, center.y + (box.detail.empty() ? 4.5 : -3)}, label_of(box.name));
    if (!box.detail.empty()) {
      text("detail", {center.x, center.y + 13}, box.detail);
    }
    svg_ += "</g>\n";
  }

  void text(std::string_view css, Point place, const std::string& words) {
    fmt::format_to(append(), "<text{} x=\"{}\" y=\"{}\">{}</text>",
                   css.empty() ? "" : fmt::format(" class=\"{}\"", css), px(place.x), px(place.y),
                   xml_text(words));
  }

  void write_legend() {
    fmt::format_to(append(), "  <g class=\"legend\" transform=\"translate({},{})\">\n", px(kMargin),
                   px(legend_top_));
    for (const LegendItem& item : legend_) {
      const Rect swatch{{item.place.x + kSwatch.width / 2, item.place.y}, kSwatch};
      fmt::format_to(append(), "    <g class=\"{}\">{}", class_of(item.kind),
                     form(item.kind, swatch));
      text("", {swatch.right() + 8, item.place.y + 4}, item.text);
      svg_ += "</g>\n";
    }
    svg_ += "  </g>\n";
  }

  static constexpr Size kSwatch = {32, 16};

  const Graph& graph_;
  const SvgOptions& options_;
  std::vector<BoxText> texts_;
  std::vector<std::string> labels_;  // per edge
  Layout layout_;
  std::vector<LegendItem> legend_;
  double width_ = 0;
  double height_ = 0;
  double legend_top_ = 0;
  std::string svg_;
};

}  // namespace

std::string to_svg(const Graph& graph, const SvgOptions& options) {
  return Writer(graph, options).write();
}

}  // namespace weft
