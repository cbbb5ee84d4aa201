#include "autograd/graph/box_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace weft::detail {
namespace {

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string shape_text(const Shape& shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", shape);
}

}  // namespace

std::vector<BoxText> box_texts(const Graph& graph) {
  std::vector<BoxText> texts(graph.boxes.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Graph::Box& box = graph.boxes[i];
    texts[i].name = box.name;
    if (box.kind == Graph::Kind::group) {
      texts[i].detail =
          counted(box.ops, "op", "ops") + ", " + counted(box.leaves, "leaf", "leaves");
    } else if (box.kind == Graph::Kind::constant) {
      texts[i].name = "constant";
    } else if (box.name.empty()) {
      texts[i].name = "leaf";
    }
  }
  for (const Graph::Edge& edge : graph.edges) {
    const Graph::Kind kind = graph.boxes[edge.from].kind;
    if (kind == Graph::Kind::leaf || kind == Graph::Kind::constant) {
      texts[edge.from].detail = shape_text(edge.shape) + " " + std::string(name(edge.dtype));
    }
  }
  return texts;
}

std::string value_text(const Graph& graph, const Graph::Edge& edge) {
  const Graph::Kind kind = graph.boxes[edge.from].kind;
  if (kind == Graph::Kind::leaf || kind == Graph::Kind::constant) {
    return "";
  }
  const std::string shape = shape_text(edge.shape);
  if (edge.count > 1) {
    return fmt::format("{} × {}", edge.count, shape);
  }
  return edge.name.empty() ? shape : edge.name + " " + shape;
}

std::string summary(const Graph& graph) {
  const auto count = [&graph](Graph::Kind kind) {
    return static_cast<std::size_t>(std::ranges::count(graph.boxes, kind, &Graph::Box::kind));
  };
  std::vector<std::string> parts;
  const auto add = [&](Graph::Kind kind, std::string_view one, std::string_view many) {
    if (count(kind) > 0) {
      parts.push_back(counted(count(kind), one, many));
    }
  };
  add(Graph::Kind::op, "op", "ops");
  add(Graph::Kind::group, "folded module", "folded modules");
  add(Graph::Kind::leaf, "leaf", "leaves");
  add(Graph::Kind::constant, "constant", "constants");
  add(Graph::Kind::output, "output", "outputs");
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace weft::detail
