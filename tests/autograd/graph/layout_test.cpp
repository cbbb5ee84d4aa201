#include "autograd/graph/layout.hpp"

#include "autograd/error.hpp"
#include "tests/autograd/graph/random_graph.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft::detail {
namespace {

std::vector<Size> box_sizes(const Graph& graph) {
  std::vector<Size> sizes;
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) {
    sizes.push_back({static_cast<double>(40 + i * 38 % 120), i % 3 == 0 ? 30.0 : 44.0});
  }
  return sizes;
}

std::vector<Size> label_sizes(const Graph& graph) {
  std::vector<Size> sizes;
  for (const Graph::Edge& edge : graph.edges) {
    sizes.push_back(edge.from % 2 == 0 ? Size{} : Size{50, 18});
  }
  return sizes;
}

Layout laid_out(const Graph& graph) { return lay_out(graph, box_sizes(graph), label_sizes(graph)); }

bool apart(const Rect& a, const Rect& b) {
  return a.right() <= b.left() || b.right() <= a.left() || a.bottom() <= b.top() ||
         b.bottom() <= a.top();
}

/// Whether a line avoids a rectangle: its straight parts pass on one side, its curves above or
/// below.
bool clear(const Line& line, const Rect& rect) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    const auto [left, right] = std::minmax(line[i - 1].x, line[i].x);
    const bool beside = right <= rect.left() || left >= rect.right();
    if (!beside && line[i - 1].y < rect.bottom() && line[i].y > rect.top()) {
      return false;
    }
  }
  return true;
}

bool goes_down(const Line& line) { return std::ranges::is_sorted(line, {}, &Point::y); }

/// Checks all guarantees of a layout.
void check_layout(const Graph& graph, const Layout& layout) {
  const std::vector<Size> sizes = box_sizes(graph);
  REQUIRE(layout.boxes.size() == graph.boxes.size());
  REQUIRE(layout.branches.size() == graph.edges.size());
  for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
    const Rect& box = layout.boxes[i];
    CHECK(box.size.width == sizes[i].width);
    CHECK((box.left() >= 0 && box.right() <= layout.size.width));
    CHECK((box.top() >= 0 && box.bottom() <= layout.size.height));
  }
  std::vector<Rect> rects = layout.boxes;  // and the labels
  for (const Trunk& trunk : layout.trunks) {
    rects.push_back(trunk.label);
  }
  int overlaps = 0;
  int touched = 0;
  for (std::size_t i = 0; i < rects.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      overlaps += apart(rects[i], rects[j]) ? 0 : 1;
    }
    for (std::size_t t = 0; t < layout.trunks.size(); ++t) {
      const bool own = i == t + layout.boxes.size();
      touched += own || clear(layout.trunks[t].line, rects[i]) ? 0 : 1;
    }
    for (const Line& branch : layout.branches) {
      touched += clear(branch, rects[i]) ? 0 : 1;
    }
  }
  CHECK(overlaps == 0);
  CHECK(touched == 0);
}

/// Checks that every edge is a line from box to box.
void check_lines(const Graph& graph, const Layout& layout) {
  std::size_t edges = 0;
  for (const Trunk& trunk : layout.trunks) {
    CHECK(goes_down(trunk.line));
    const Rect& from = layout.boxes[graph.edges[trunk.edges.front()].from];
    CHECK(trunk.line.front().y == from.bottom());
    CHECK((trunk.line.front().x > from.left() && trunk.line.front().x < from.right()));
    for (const std::size_t edge : trunk.edges) {
      const Line& branch = layout.branches[edge];
      const Rect& to = layout.boxes[graph.edges[edge].to];
      CHECK(goes_down(branch));
      CHECK(std::ranges::any_of(trunk.line, [&](const Point& point) {
        return point.x == branch.front().x && point.y == branch.front().y;
      }));
      CHECK(branch.back().y == to.top());
      CHECK((branch.back().x > to.left() && branch.back().x < to.right()));
      ++edges;
    }
  }
  CHECK(edges == graph.edges.size());
}

TEST_CASE("a layout overlaps nothing, places everything and leads every edge downwards") {
  for (const std::size_t size : {1U, 2U, 5U, 20U, 80U}) {
    for (std::uint32_t seed = 0; seed < 10; ++seed) {
      CAPTURE(size, seed);
      const Graph graph = testing::random_graph(size, seed);
      const Layout layout = laid_out(graph);
      check_layout(graph, layout);
      check_lines(graph, layout);
    }
  }
}

TEST_CASE("an empty graph has an empty layout") {
  const Layout layout = laid_out({});
  CHECK(layout.boxes.empty());
  CHECK(layout.size.width == 0);
}

/// A sequence of ops, each using the previous one, with a leaf for each.
Graph chain(std::size_t length) {
  Graph graph;
  graph.boxes.push_back({.kind = Graph::Kind::leaf});
  for (std::size_t op = 0; op < length; ++op) {
    const std::size_t before = graph.boxes.size() == 1 ? 0 : graph.boxes.size() - 1;
    graph.boxes.push_back({.kind = Graph::Kind::leaf});
    graph.boxes.push_back({.kind = Graph::Kind::op});
    const std::size_t box = graph.boxes.size() - 1;
    graph.edges.push_back({.from = before, .to = box});
    graph.edges.push_back({.from = box - 1, .to = box});
  }
  return graph;
}

TEST_CASE("a chain of ops is a straight line, each leaf one layer above its op") {
  const Graph graph = chain(20);
  const Layout layout = laid_out(graph);
  for (std::size_t op = 4; op < graph.boxes.size(); op += 2) {
    CAPTURE(op);
    CHECK(layout.boxes[op].center.x == layout.boxes[2].center.x);
    CHECK(layout.boxes[op + 0].center.y > layout.boxes[op - 1].center.y);
    CHECK(layout.boxes[op - 1].center.y == layout.boxes[op - 2].center.y);
  }
}

TEST_CASE("a long edge is straight, and a value that is used twice has one trunk") {
  Graph graph = chain(6);
  const std::size_t last = graph.boxes.size() - 1;
  graph.edges.push_back({.from = 1, .to = last});  // the leaf of the first op again, far below
  const Layout layout = laid_out(graph);
  check_layout(graph, layout);
  const auto trunk = std::ranges::find_if(layout.trunks, [&graph](const Trunk& candidate) {
    return graph.edges[candidate.edges.front()].from == 1;
  });
  REQUIRE(trunk->edges.size() == 2);
  for (std::size_t i = 3; i < trunk->line.size(); ++i) {
    CHECK(trunk->line[i].x == trunk->line[2].x);
  }
}

/// Pairs of edges between adjacent layers whose ends are in opposite order.
int crossings(const Layers& layers) {
  std::vector<std::size_t> position(layers.vertices.size());
  for (const std::vector<std::size_t>& layer : layers.order) {
    for (std::size_t i = 0; i < layer.size(); ++i) {
      position[layer[i]] = i;
    }
  }
  int count = 0;
  for (const std::vector<std::size_t>& layer : layers.order) {
    for (const std::size_t a : layer) {
      for (const std::size_t b : layer) {
        for (const std::size_t c : layers.vertices[a].below) {
          for (const std::size_t d : layers.vertices[b].below) {
            count += position[a] < position[b] && position[c] > position[d] ? 1 : 0;
          }
        }
      }
    }
  }
  return count;
}

TEST_CASE("the order of layers avoids crossings") {
  Layers layers;  // 8 above, 8 below, the places of the lower ones shuffled
  layers.vertices.resize(16);
  for (std::size_t i = 0; i < 8; ++i) {
    layers.vertices[8 + i].layer = 1;
    for (const std::size_t upper : {i * 5 % 8, i * 5 % 8 == 7 ? 7 : i * 5 % 8 + 1}) {
      layers.vertices[upper].below.push_back(8 + i);
      layers.vertices[8 + i].above.push_back(upper);
    }
  }
  layers.order = {{0, 1, 2, 3, 4, 5, 6, 7}, {8, 9, 10, 11, 12, 13, 14, 15}};
  CHECK(crossings(layers) > 20);
  order_layers(layers);
  CHECK(crossings(layers) == 0);
}

TEST_CASE("a layout is always the same") {
  const Graph graph = testing::random_graph(100, 3);
  const Layout once = laid_out(graph);
  const Layout again = laid_out(graph);
  for (std::size_t i = 0; i < graph.boxes.size(); ++i) {
    CHECK(once.boxes[i].center.x == again.boxes[i].center.x);
    CHECK(once.boxes[i].center.y == again.boxes[i].center.y);
  }
}

TEST_CASE("2,000 boxes are laid out, on a small stack") {
  const Graph graph = testing::random_graph(2000, 1);
  const Graph deep = chain(1000);
  Layout layout;
  testing::run_on_small_stack([&] {
    layout = laid_out(graph);
    laid_out(deep);
  });
  check_lines(graph, layout);
}

TEST_CASE("edges that cross too many layers are an error") {
  Graph graph = chain(1500);
  const std::size_t last = graph.boxes.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    graph.edges.push_back({.from = i, .to = last});
  }
  CHECK_THROWS_WITH(laid_out(graph),
                    "to_svg: edges cross too many layers; got 3001 boxes; hint: fold_groups() or "
                    "to_dot()");
}

}  // namespace
}  // namespace weft::detail
