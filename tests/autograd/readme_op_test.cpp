// The snippets of autograd/README.md, compiled and run; the last test finds each of them here.

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "autograd/anomaly.hpp"
#include "autograd/engine.hpp"
#include "autograd/functional.hpp"
#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/graph/graph.hpp"
#include "autograd/graph/tracker.hpp"
#include "autograd/node.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/pointwise_op.hpp"
#include "autograd/ops/unary.hpp"
#include "autograd/profiler.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"
#include "tests/snippets.hpp"

namespace weft {

Tensor silu(const Tensor& x);

// y = x s(x), s the sigmoid;  dx = g s(x) (1 + x (1 - s(x)))
namespace {
const ops::PointwiseOp silu_op(
    "silu", ops::unary_sample<silu>, ops::unary_errors<silu>("silu"),
    [](const auto& x) { return x * sigmoid(x); },
    [](const auto& x, const auto& /*y*/, const auto& g) {
      return g * sigmoid(x) * (1 + x * (1 - sigmoid(x)));
    });
}
Tensor silu(const Tensor& x) { return silu_op(x); }

namespace {

TEST_CASE("the README's tensors") {
  Tensor x = tensor<float>({1, 2, 3, 4, 5, 6}, {2, 3});
  Tensor same = x;          // a handle to the same array
  Tensor copy = x.clone();  // an array of its own
  x.mutable_data<float>()[0] = 10;
  CHECK(same.data<float>()[0] == 10);
  CHECK(copy.data<float>()[0] == 1);
  CHECK(to_string(x) == "tensor([[10, 2, 3], [4, 5, 6]], float32)");
  CHECK(reshape(x, {3, -1}).shape() == Shape{3, 2});  // a view: it shares x's storage
}

TEST_CASE("the README's first gradient") {
  Tensor w = scalar(3).set_requires_grad();
  Tensor y = w * w + 2.0 * w;  // three ops, three nodes
  y.backward();
  CHECK(w.grad().item() == 8);  // dy/dw = 2 w + 2
}

TEST_CASE("the README's tape") {
  Tensor w = scalar(3).set_requires_grad();
  const std::int64_t before = live_nodes();
  {
    Tensor y = exp(w) * w;
    CHECK(live_nodes() == before + 3);  // exp, mul and the place of the leaf w
  }
  CHECK(live_nodes() == before);  // dropping y dropped its graph
  const NoGradGuard guard;
  CHECK_FALSE(exp(w).requires_grad());
}

TEST_CASE("the README's saved tensor") {
  Tensor w = scalar(3).set_requires_grad();
  Tensor y = w * w;                // saves w
  w.mutable_data<float>()[0] = 4;  // too early: y's backward needs the 3
  CHECK_THROWS_AS(y.backward(), Error);
}

TEST_CASE("the README's backward") {
  Tensor w = scalar(3).set_requires_grad();
  Tensor h = w * w;
  Tensor y = h * h;
  std::vector<Tensor> g = grad({y}, {h, w}, {}, {.retain_graph = true});
  CHECK(g[0].item() == 18);         // dy/dh = 2 h
  CHECK(g[1].item() == 108);        // dy/dw = 4 w^3
  CHECK_FALSE(w.grad().defined());  // grad() touches no leaf
  y.backward();                     // frees the graph
  CHECK(w.grad().item() == 108);
  CHECK_THROWS_AS(y.backward(), Error);  // nothing is left to walk
}

TEST_CASE("the README's rows") {
  Tensor table = zeros({50000, 4}).set_requires_grad();
  Tensor ids = tensor<std::int64_t>({7, 3, 7}, {3});
  sum(embedding(ids, table)).backward();
  const Gradient& gradient = table.gradient();
  CHECK(gradient.is_rows());
  CHECK(gradient.values().shape() == Shape{3, 4});  // not [50000, 4]
  CHECK(gradient.coalesced().ids().to_vector<std::int64_t>() == std::vector<std::int64_t>{3, 7});
  CHECK(table.grad().shape() == Shape{50000, 4});  // dense() on request
}

TEST_CASE("the README's weight") {
  Tensor weight = full({2, 3}, 1).set_requires_grad();
  Tensor total = scalar(0, DType::float32);
  for (int step = 0; step < 4; ++step) {
    total = total + sum(linear(full({5, 3}, step), weight));
  }
  total.backward();  // one product of [20, 2]^T and [20, 3]
  CHECK(weight.grad().to_vector<float>() == std::vector<float>(6, 5 * (0 + 1 + 2 + 3)));
}

TEST_CASE("the README's second derivative") {
  Tensor x = scalar(2, DType::float64).set_requires_grad();
  Tensor y = x * x * x;
  Tensor first = grad({y}, {x}, {}, {.create_graph = true})[0];
  CHECK(first.item() == 12);                  // 3 x^2
  CHECK(grad({first}, {x})[0].item() == 12);  // 6 x
}

TEST_CASE("the README's hooks") {
  Tensor w = scalar(3).set_requires_grad();
  Tensor h = (w * w).retain_grad();
  h.register_hook([](const Gradient& g) { return 0.5 * g.dense(); });
  HookHandle clip =
      h.register_hook([](const Gradient& g) { return minimum(g.dense(), scalar(2)); });
  (h * h).backward();
  CHECK(h.grad().item() == 2);   // dy/dh = 2 h = 18, halved, clipped
  CHECK(w.grad().item() == 12);  // times dh/dw = 2 w
  clip.remove();
}

TEST_CASE("the README's products") {
  auto rosenbrock = [](const std::vector<Tensor>& x) {
    Tensor a = 1.0 - x[0];
    Tensor b = x[1] - x[0] * x[0];
    return std::vector{a * a + 100.0 * b * b};
  };
  Tensor x = scalar(1, DType::float64);
  Tensor v = scalar(1, DType::float64);
  Tensor zero = scalar(0, DType::float64);
  std::vector<Tensor> Hv = functional::hvp(rosenbrock, {x, x}, {v, zero}).product;
  CHECK(Hv[0].item() == 802);  // the Hessian at (1, 1) is [802 -400; -400 200]
  CHECK(Hv[1].item() == -400);
  Tensor J =
      functional::jacobian([](const Tensor& t) { return t * t; }, arange(3).to(DType::float64));
  CHECK(J.to_vector<double>() == std::vector<double>{0, 0, 0, 0, 2, 0, 0, 0, 4});
}

TEST_CASE("the README's checkpoints") {
  Tensor w = ones({64}).set_requires_grad();
  auto block = [w](const std::vector<Tensor>& in) {
    Tensor h = in[0];
    for (int i = 0; i < 20; ++i) {
      h = tanh(h * w);
    }
    return std::vector{h};
  };
  Tensor x = ones({64});
  Tensor plain = block({block({x})[0]})[0];                           // 80 nodes
  Tensor saving = checkpoint(block, {checkpoint(block, {x})[0]})[0];  // 2
  Tensor expected = grad({sum(plain)}, {w})[0];
  CHECK(identical(grad({sum(saving)}, {w})[0], expected));
}

TEST_CASE("the README's final gradients") {
  Tensor early = scalar(2).set_requires_grad();
  Tensor late = scalar(3).set_requires_grad();
  Tensor h = early * early;
  std::vector<float> heard;
  backward({h * late}, {}, {.on_final = [&](const Tensor& leaf) {
             heard.push_back(leaf.grad().data<float>()[0]);
           }});
  CHECK(heard == std::vector<float>{4, 12});  // late, then early
}

TEST_CASE("the README's anomaly") {
  Tensor x = tensor<float>({1, 0}, {2}).set_requires_grad();
  const AnomalyGuard guard;
  const PathScope module("encoder");
  const PathScope step(3);
  CHECK_THROWS_WITH(
      x * log(x),
      "log in encoder, time step 3: made the first NaN or infinity; got output 0: [2] "
      "in [0, 0], 0 NaN, 1 inf; input 0: [2] in [0, 1], 0 NaN, 0 inf");
}

TEST_CASE("the README's leak") {
  const GraphTracker tracker;
  Tensor w = scalar(3).set_requires_grad();
  Tensor total = scalar(0);
  for (int i = 0; i < 2; ++i) {
    Tensor loss = w * w;
    loss.backward();
    total = total + loss;  // should add loss.item()
  }
  CHECK(to_string(tracker.report().at(0)) ==
        "add []: 4 nodes (2 add, 2 mul), 2 of them freed; held by 1 handle of the program");
}

TEST_CASE("the README's profile") {
  Tensor x = full({100}, 0.5).set_requires_grad();
  Profiler profiler;
  sum(exp(x)).backward();
  std::vector<std::string> names;
  for (const Profiler::Span& span : profiler.spans()) {
    names.push_back(span.name);  // and span.pass, span.begin, span.seconds
  }
  CHECK(names == std::vector<std::string>{"exp", "sum", "accumulate", "sum", "accumulate", "exp"});
}

TEST_CASE("the README's picture") {
  Tensor w = ones({3, 2}).set_requires_grad();
  Tensor loss = mean(tanh(matmul(ones({4, 3}), w)));
  Graph graph = trace({loss}, {{"w", w}, {"loss", loss}});
  CHECK(graph.boxes.size() == 6);  // a constant, the leaf w, matmul, tanh, mean, and the output
  CHECK(graph.edges[2].shape == Shape{4, 2});
  std::string svg = to_svg(graph, {.title = "A small loss"});  // the text of a file loss.svg
  CHECK(svg.starts_with("<svg"));
}

TEST_CASE("the README's gradcheck") {
  Generator generator(0);
  Tensor x = randn({2, 3}, generator, DType::float64).set_requires_grad();
  GradcheckResult result = gradcheck(
      [](const std::vector<Tensor>& inputs) { return std::vector{tanh(inputs[0]) * inputs[0]}; },
      {x});
  INFO(result.failure);  // empty, or where it is wrong and by how much
  CHECK(result.ok());
}

// y = x^3;  dx = g x^2, or is it?
Tensor cube(const Tensor& x) {
  static const Op op = Op::unchecked("cube", "an example of a wrong derivative");
  return record(op, {x}, x.detach() * x.detach() * x.detach(),
                [x = Saved(x)](const Backward& backward) -> Gradients {
                  return {backward.grad() * *x * *x};
                });
}

TEST_CASE("the README's wrong gradient and its report") {
  Tensor x = tensor<double>({0.5, -1.5, 2, 1}, {2, 2}).set_requires_grad();
  GradcheckResult result = gradcheck(
      [](const std::vector<Tensor>& inputs) { return std::vector{tanh(cube(inputs[0]))}; }, {x});
  CHECK(result.diagnosis == Diagnosis::factor);
  CHECK(result.op == "cube");

  const std::string readme = testing::read_source("autograd/README.md");
  std::istringstream lines(result.failure);
  for (std::string line; std::getline(lines, line);) {
    const bool rounded = line.find("by step") != std::string::npos;
    CAPTURE(line);  // the last digits of differences are noise
    CHECK(readme.find(line.substr(0, rounded ? 12 : line.find(" +-"))) != std::string::npos);
  }
}

TEST_CASE("the README's op passes what every op must pass") {
  const OpReport report = check_op(silu_op.op(), 20);
  CAPTURE(report.failures);
  CHECK(report.failures.empty());
  CHECK(silu(scalar(1000)).item() == 1000);
}

TEST_CASE("every snippet of the README is in this file") {
  CHECK(testing::check_snippets("autograd/README.md", "tests/autograd/readme_op_test.cpp") == 21);
}

}  // namespace
}  // namespace weft
