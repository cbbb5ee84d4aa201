#include <fmt/format.h>

#include <iterator>
#include <map>

#include "autograd/graph/box_text.hpp"
#include "autograd/graph/graph.hpp"

namespace weft {
namespace {

/// A quoted string in the DOT language.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c == '\n' ? "\\n" : std::string(1, c);
  }
  return result + '"';
}

std::string style(Graph::Kind kind) {
  switch (kind) {
    case Graph::Kind::leaf:
      return "shape=ellipse";
    case Graph::Kind::constant:
      return "shape=ellipse, style=dashed";
    case Graph::Kind::output:
      return "shape=hexagon";
    case Graph::Kind::group:
      return "shape=box3d";
    default:
      return "shape=box";
  }
}

}  // namespace

std::string to_dot(const Graph& graph) {
  std::string dot = "digraph weft {\n  node [fontname=monospace];\n  edge [fontname=monospace];\n";
  const auto append = std::back_inserter(dot);
  const std::vector<detail::BoxText> texts = detail::box_texts(graph);
  std::map<std::string, std::string> clusters;
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) {
    const Graph::Box& box = graph.boxes[i];
    const auto& [name, detail] = texts[i];
    fmt::format_to(append, "  n{} [label={}, {}];\n", i,
                   quoted(detail.empty() ? name : name + "\n" + detail), style(box.kind));
    if (!box.group.empty() && box.kind != Graph::Kind::group) {
      clusters[box.group] += fmt::format(" n{};", i);
    }
  }
  for (const Graph::Edge& edge : graph.edges) {
    fmt::format_to(append, "  n{} -> n{} [label={}];\n", edge.from, edge.to,
                   quoted(detail::value_text(graph, edge)));
  }
  std::size_t number = 0;
  for (const auto& [group, boxes] : clusters) {
    fmt::format_to(append, "  subgraph cluster_{} {{ label={};{} }}\n", number++, quoted(group),
                   boxes);
  }
  return dot + "}\n";
}

}  // namespace weft
