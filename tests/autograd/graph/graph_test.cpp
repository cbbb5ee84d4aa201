#include "autograd/graph/graph.hpp"

#include <algorithm>

#include "autograd/node.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

using Kind = Graph::Kind;

Tensor leaf(const Shape& shape = {2}) { return ones(shape).set_requires_grad(); }

/// `kind name` of every box.
std::vector<std::string> boxes(const Graph& graph) {
  const char* const kinds[] = {"op", "leaf", "constant", "output", "group"};
  std::vector<std::string> names;
  for (const Graph::Box& box : graph.boxes) {
    names.push_back(std::string(kinds[static_cast<std::size_t>(box.kind)]) + " " + box.name);
  }
  return names;
}

/// `from -> to` of every edge, with the shape.
std::vector<std::string> edges(const Graph& graph) {
  std::vector<std::string> names;
  for (const Graph::Edge& edge : graph.edges) {
    names.push_back(fmt::format("{}.{} -> {} {}", edge.from, edge.output, edge.to, edge.shape));
  }
  return names;
}

using Strings = std::vector<std::string>;

TEST_CASE("trace: ops, leaves, constants and outputs, each behind what it uses") {
  const Tensor w = leaf({3, 2});
  const Tensor b = leaf();
  const Tensor y = matmul(ones({4, 3}), w) + b;
  const Graph graph = trace({sum(y)}, {{"w", w}, {"y", y}, {"not used", leaf()}});
  CHECK(boxes(graph) ==
        Strings{"constant ", "leaf w", "op matmul", "leaf ", "op add", "op sum", "output output"});
  CHECK(edges(graph) == Strings{"0.0 -> 2 [4, 3]", "1.0 -> 2 [3, 2]", "2.0 -> 4 [4, 2]",
                                "3.0 -> 4 [2]", "4.0 -> 5 [4, 2]", "5.0 -> 6 []"});
  CHECK(graph.edges[4].name == "y");
  CHECK(graph.edges[2].name.empty());
  CHECK(graph.edges[5].dtype == DType::float32);
}

TEST_CASE("trace: an input that is not given is no box, one that is used twice is one") {
  const Tensor x = leaf({2, 2});
  const Graph graph = trace({linear(x, x)});
  CHECK(boxes(graph) == Strings{"leaf ", "op linear", "output output"});
  CHECK(edges(graph) == Strings{"0.0 -> 1 [2, 2]", "0.0 -> 1 [2, 2]", "1.0 -> 2 [2, 2]"});
}

TEST_CASE("trace: several outputs of one op, several results, and a leaf as a result") {
  const Tensor x = leaf({2, 3});
  const std::vector<Tensor> rows = unbind(x);
  const Graph graph = trace({rows[1], rows[0], x}, {{"first", rows[0]}});
  CHECK(boxes(graph) ==
        Strings{"leaf ", "op unbind", "output output 0", "output first", "output output 2"});
  CHECK(edges(graph) ==
        Strings{"0.0 -> 1 [2, 3]", "1.1 -> 2 [3]", "1.0 -> 3 [3]", "0.0 -> 4 [2, 3]"});
}

TEST_CASE("trace: a graph that was freed can still be shown, and holds nothing") {
  const std::int64_t before = live_nodes();
  Graph graph;
  {
    const Tensor x = leaf();
    const Tensor y = sum(exp(x));
    y.backward();
    graph = trace({y});
  }
  CHECK(live_nodes() == before);
  CHECK(graph.boxes.size() == 4);
}

TEST_CASE("trace: what is not recorded is an error") {
  CHECK_THROWS_WITH(trace({leaf(), ones({2})}),
                    "trace: output 1 requires no gradient; hint: was it made under NoGradGuard?");
  CHECK_THROWS_AS(trace({Tensor()}), Error);
}

TEST_CASE("trace and fold_groups: a long chain needs no stack") {
  constexpr std::size_t kLong = 20'000;
  std::size_t found = 0;
  std::size_t folded = 0;
  testing::run_on_small_stack([&] {
    const Tensor x = leaf({});
    Tensor y = x;
    for (std::size_t i = 0; i < kLong; ++i) {
      y = y * x;
    }
    const Graph graph = trace({y}, {{"model.x", x}});
    found = graph.boxes.size();
    folded = fold_groups(graph).boxes.size();
    CHECK(to_dot(graph).size() > kLong);
  });
  CHECK(found == kLong + 2);
  CHECK(folded == 2);  // all ops use x, so all are the model's
}

/// The group of the box with this name.
std::string group(const Graph& graph, const std::string& name) {
  return std::ranges::find(graph.boxes, name, &Graph::Box::name)->group;
}

TEST_CASE("trace: an op belongs to the module of its parameters, or to what the caller says") {
  const Tensor w = leaf({2, 2});
  const Tensor y = tanh(linear(leaf({2, 2}), w));
  const Graph graph = trace({y}, {{"encoder.rnn.w", w}});
  CHECK(group(graph, "encoder.rnn.w") == "encoder.rnn");
  CHECK(group(graph, "linear") == "encoder.rnn");
  CHECK(group(graph, "tanh").empty());

  const Graph other = trace(
      {y}, {}, [](const Node& node) { return node.is_leaf() ? "leaves" : node.op->name() + "s"; });
  CHECK(group(other, "linear") == "linears");
  CHECK(group(other, "") == "leaves");
}

TEST_CASE("fold_groups: a module is one box that counts what it holds") {
  const Tensor w = leaf({2, 2});
  const Tensor v = leaf({2, 2});
  const Tensor h = tanh(linear(ones({3, 2}), w));
  const Graph graph = fold_groups(trace({linear(h, v)}, {{"a.w", w}, {"b.v", v}, {"h", h}}));
  CHECK(boxes(graph) == Strings{"constant ", "group a", "op tanh", "group b", "output output"});
  CHECK(graph.boxes[1].ops == 1);
  CHECK(graph.boxes[1].leaves == 1);
  CHECK(edges(graph) ==
        Strings{"0.0 -> 1 [3, 2]", "1.0 -> 2 [3, 2]", "2.0 -> 3 [3, 2]", "3.0 -> 4 [3, 2]"});
  CHECK(graph.edges[2].name == "h");
}

TEST_CASE("fold_groups: modules that take turns become one, with what stands between them") {
  const Tensor w = leaf({2, 2});
  const Tensor v = leaf({2, 2});
  Tensor h = ones({3, 2});
  for (int step = 0; step < 3; ++step) {
    h = tanh(linear(linear(h, w), v));
  }
  const Graph graph = fold_groups(trace({h}, {{"model.first.w", w}, {"model.second.v", v}}));
  CHECK(boxes(graph) == Strings{"constant ", "group model", "op tanh", "output output"});
  CHECK(graph.boxes[1].ops == 8);
  CHECK(graph.boxes[1].leaves == 2);
  const Graph apart = fold_groups(trace({h}, {{"first.w", w}, {"firsts.v", v}}));
  CHECK(boxes(apart)[1] == "group first + firsts");
  const Graph within = fold_groups(trace({h}, {{"first.w", w}, {"first.part.v", v}}));
  CHECK(boxes(within)[1] == "group first");
}

TEST_CASE("fold_groups: values of one shape between two boxes are one edge with their number") {
  const Tensor w = leaf({3});
  const std::vector<Tensor> rows = unbind(leaf({4, 3}));
  const Tensor y = stack({rows[0] * w, rows[1] * w, rows[1] + w});
  const Graph graph = fold_groups(trace({y}, {{"m.w", w}}));
  CHECK(boxes(graph) == Strings{"leaf ", "op unbind", "group m", "op stack", "output output"});
  CHECK(edges(graph) ==
        Strings{"0.0 -> 1 [4, 3]", "1.0 -> 2 [3]", "2.0 -> 3 [3]", "3.0 -> 4 [3, 3]"});
  CHECK(graph.edges[1].count == 2);
  CHECK(graph.edges[2].count == 3);
}

TEST_CASE("to_dot: nodes, edges and clusters") {
  const Tensor w = leaf({2, 2});
  const Tensor x = leaf({2, 2});
  const Tensor y = matmul(x, w);
  CHECK(to_dot(trace({y}, {{"m.w", w}, {"a \"b\" \\ c", x}, {"y", y}})) ==
        R"(digraph weft {
  node [fontname=monospace];
  edge [fontname=monospace];
  n0 [label="a \"b\" \\ c\n[2, 2] float32", shape=ellipse];
  n1 [label="m.w\n[2, 2] float32", shape=ellipse];
  n2 [label="matmul", shape=box];
  n3 [label="y", shape=hexagon];
  n0 -> n2 [label=""];
  n1 -> n2 [label=""];
  n2 -> n3 [label="[2, 2]"];
  subgraph cluster_0 { label="m"; n1; n2; }
}
)");
}

}  // namespace
}  // namespace weft
