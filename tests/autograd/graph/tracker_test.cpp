#include "autograd/graph/tracker.hpp"

#include "autograd/ops.hpp"
#include "autograd/path.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(double value) { return scalar(value, DType::float64).set_requires_grad(); }

std::vector<std::string> lines(const GraphTracker& tracker) {
  std::vector<std::string> lines;
  for (const LiveGraph& graph : tracker.report()) {
    lines.push_back(to_string(graph));
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST_CASE("what is dead is not reported") {
  const Tensor w = leaf(2);
  const Tensor older = w * w;
  const GraphTracker tracker;
  for (int step = 0; step < 3; ++step) {
    (w * w * older).backward({}, true);
  }
  CHECK(lines(tracker).empty());
}

TEST_CASE("a loss summed over steps is named") {
  const GraphTracker tracker;
  const Tensor w = leaf(2);
  Tensor total = scalar(0, DType::float64);
  for (int step = 0; step < 3; ++step) {
    const PathScope model("model");
    const Tensor loss = w * w;
    loss.backward();
    total = total + loss;
  }
  CHECK(lines(tracker) == Lines{"add [] in model: 6 nodes (3 add, 3 mul), 3 of them freed; held by "
                                "1 handle of the program"});
}

TEST_CASE("a graph that was retained, and who holds it, is named") {
  const GraphTracker tracker;
  const Tensor w = leaf(2);
  const Tensor y = exp(w);
  const std::vector<Tensor> again = {y};
  y.backward({}, true);
  CHECK(lines(tracker) ==
        Lines{"exp []: 1 node (1 exp), 0 of them freed; held by 2 handles of the program"});
}

TEST_CASE("the circle of create_graph is named, and broken by zero_grad") {
  const GraphTracker tracker;
  Tensor w = leaf(2);
  (w * w).backward({}, false, true);
  const std::vector<LiveGraph> graphs = tracker.report();
  REQUIRE(graphs.size() == 1);
  CHECK(graphs[0].holders ==
        Lines{"the gradient of a leaf [], which has a graph of its own since backward was called "
              "with create_graph; hint: zero_grad()"});
  w.zero_grad();
  CHECK(lines(tracker).empty());
}

TEST_CASE("a hook that captures its own tensor, or a later one, is named") {
  const GraphTracker tracker;
  const Tensor w = leaf(2);
  HookHandle own;
  {
    const Tensor h = w * w;
    own = h.register_hook([h](const Gradient&) { return Gradient(h); });
  }
  CHECK(lines(tracker) == Lines{"mul []: 1 node (1 mul), 0 of them freed; held by a hook on a "
                                "result of mul; hint: remove() it"});
  own.remove();
  CHECK(lines(tracker).empty());
  HookHandle on_leaf;
  {
    const Tensor y = exp(w);
    on_leaf = w.register_hook([y](const Gradient&) { return Gradient(y); });
  }
  CHECK(lines(tracker) == Lines{"exp []: 1 node (1 exp), 0 of them freed; held by a hook on a leaf "
                                "[]; hint: remove() it"});
  on_leaf.remove();
  CHECK(lines(tracker).empty());
}

TEST_CASE("a backward function that captures its own output is named") {
  const Op op = Op::unchecked("circular", "captures its output, as none may");
  const GraphTracker tracker;
  const Tensor w = leaf(2);
  const Tensor y = scalar(1, DType::float64);
  record(op, {w}, y, [y](const Backward&) -> Gradients { return {y}; });
  const std::vector<LiveGraph> graphs = tracker.report();
  REQUIRE(graphs.size() == 1);
  CHECK(graphs[0].holders ==
        Lines{"the backward function of circular, which captured it", "1 handle of the program"});
  y.backward();  // frees the function, which breaks the cycle
}

TEST_CASE("trackers nest, and each tells of its own time") {
  const GraphTracker outer;
  const Tensor w = leaf(2);
  const Tensor first = exp(w);
  {
    const GraphTracker inner;
    const Tensor second = tanh(first);
    CHECK(inner.report().size() == 1);
    CHECK(inner.report()[0].nodes == 1);
    CHECK(outer.report()[0].nodes == 2);
  }
  const Tensor third = tanh(first);
  CHECK(outer.report()[0].op == "tanh");  // the outer one is still active
  CHECK(outer.report()[0].nodes == 2);
}

}  // namespace
}  // namespace weft
