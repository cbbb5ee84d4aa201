#include <cmath>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(double value) { return scalar(value, DType::float64).set_requires_grad(); }

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return tensor(values, shape).set_requires_grad();
}

TEST_CASE("a diamond with 2^60 paths visits each node once") {
  const Tensor x = leaf(1);
  Tensor y = x;
  for (int i = 0; i < 60; ++i) {
    y = y + y;
  }
  y.backward();
  CHECK(x.grad().item() == std::ldexp(1.0, 60));
}

TEST_CASE("each node's backward runs once, after all that used it") {
  int calls = 0;
  const Op op = Op::unchecked("counted", "counts its calls");
  const Tensor x = leaf(3);
  const Tensor y = record(op, {x}, x.detach().clone(), [&](const Backward& backward) -> Gradients {
    ++calls;
    return {backward.grad()};
  });
  (y * y + exp(y) + y).backward();
  CHECK(calls == 1);
  CHECK(x.grad().item() == Approx(7 + std::exp(3.0)));
}

TEST_CASE("the gradient of a weight that many steps share is their sum") {
  Generator generator(1);
  const Tensor weight = randn({6, 4}, generator, DType::float64).set_requires_grad();
  std::vector<Tensor> steps;
  steps.reserve(20);
  for (int i = 0; i < 20; ++i) {
    steps.push_back(randn({3, 4}, generator, DType::float64));
  }
  Tensor loss = sum(square(weight));  // not a product: both kinds of gradient meet here
  for (const Tensor& x : steps) {
    loss = loss + sum(square(linear(x, weight)));
  }
  const Tensor all = cat(steps, 0);
  const Tensor expected =
      grad({sum(square(weight)) + sum(square(linear(all, weight)))}, {weight})[0];
  const Tensor error = grad({loss}, {weight})[0] - expected;
  CHECK(sum(error * error).item() < 1e-20 * sum(expected * expected).item());
}

TEST_CASE("outputs that nobody used count as zero") {
  const Tensor x = leaf({1, 2, 3, 4, 5, 6}, {3, 2});
  sum(unbind(x)[1]).backward();
  CHECK(x.grad().to_vector<double>() == std::vector<double>{0, 0, 1, 1, 0, 0});
  const Tensor z = leaf({1, 2, 3}, {3});
  sum(split(z, {1, 2}, 0)[0] * 5.0).backward();
  CHECK(z.grad().to_vector<double>() == std::vector<double>{5, 0, 0});
}

TEST_CASE("gradients accumulate in leaves until zero_grad") {
  Tensor x = leaf(3);
  (x * x).backward();
  (x * x).backward();
  CHECK(x.grad().item() == 12);
  x.zero_grad();
  CHECK_FALSE(x.grad().defined());
  (x * x).backward();
  CHECK(x.grad().item() == 6);
}

TEST_CASE("a graph is freed by backward unless it is retained") {
  const Tensor x = leaf(3);
  const Tensor y = x * x;
  y.backward({}, true);
  y.backward();
  CHECK(x.grad().item() == 12);
  CHECK_THROWS_WITH(y.backward(),
                    "backward: the graph of 'mul' was already freed; hint: pass retain_graph the "
                    "first time");
  CHECK(x.grad().item() == 12);
}

TEST_CASE("backward frees what the graph saved") {
  const Tensor x = zeros({1000}).set_requires_grad();
  const Tensor y = sum(exp(x));
  const std::size_t before = memory_stats().live;
  y.backward();
  CHECK(memory_stats().live == before);  // exp's output was freed, x's gradient was added
}

TEST_CASE("derivatives of any order") {
  const Tensor x = leaf(2);
  Tensor y = x * x * x * x;
  for (const double expected : {32.0, 48.0, 48.0, 24.0}) {
    y = grad({y}, {x}, {}, {.create_graph = true})[0];
    CHECK(y.item() == expected);
  }
}

TEST_CASE("backward with create_graph leaves differentiable gradients") {
  Tensor x = leaf(3);
  (x * x * x).backward({}, false, true);
  const Tensor first = x.grad();
  CHECK(first.item() == 27);
  x.zero_grad();
  first.backward();
  CHECK(x.grad().item() == 18);
}

TEST_CASE("grad of intermediate results touches no leaf") {
  const Tensor x = leaf(2);
  const Tensor middle = x * 3.0;
  const Tensor y = middle * middle * x;
  const std::vector<Tensor> g = grad({y}, {middle, x, y});
  CHECK(g[0].item() == 24);
  CHECK(g[1].item() == 24 * 3 + 36);
  CHECK(g[2].item() == 1);
  CHECK_FALSE(x.grad().defined());
}

TEST_CASE("grad walks no further than its inputs") {
  const Tensor x = leaf(2);
  const Tensor middle = x * x;
  CHECK(grad({middle * 3.0}, {middle})[0].item() == 3);
  middle.backward();  // nothing below it was freed
  CHECK(x.grad().item() == 4);
}

TEST_CASE("grad of several outputs weighs them by their cotangents") {
  const Tensor x = leaf({1, 2}, {2});
  const Tensor u = leaf({3, 4}, {2}).detach();
  const std::vector<Tensor> g = grad({x * x, sum(x)}, {x}, {u, scalar(10, DType::float64)});
  CHECK(g[0].to_vector<double>() == std::vector<double>{16, 26});
}

TEST_CASE("grad of several scalars needs no cotangents and reaches leaves and results alike") {
  const Tensor x = leaf(2);
  const Tensor middle = x * 3.0;
  const std::vector<Tensor> g = grad({middle * middle, middle * x, x}, {middle, x});
  CHECK(g[0].item() == 12 + 2);          // 2 m + x
  CHECK(g[1].item() == 3 * 14 + 6 + 1);  // 3 (2 m + x) + m + 1
}

TEST_CASE("grad runs no backward that leads to none of its inputs") {
  const Op op = Op::unchecked("forbidden", "must not run");
  const Tensor x = leaf(2);
  const Tensor other = leaf(2);
  const Tensor y = record(op, {other}, other.detach().clone(),
                          [](const Backward&) -> Gradients { throw Error("ran"); });
  CHECK(grad({x * y}, {x})[0].item() == 2);
}

TEST_CASE("an input that the outputs do not depend on") {
  const Tensor x = leaf(2);
  const Tensor unused = leaf(2);
  CHECK_FALSE(grad({x * x}, {unused}, {}, {.allow_unused = true})[0].defined());
  CHECK_THROWS_WITH(grad({x * x}, {x, unused}),
                    "grad: the outputs do not depend on input 1; hint: allow_unused");
}

TEST_CASE("rows add to rows and to dense gradients") {
  const Tensor table = leaf({1, 2, 3, 4, 5, 6}, {3, 2});
  const auto ids = [](std::int64_t id) { return tensor<std::int64_t>({id}, {1}); };
  (sum(embedding(ids(2), table)) + sum(embedding(ids(2), table) * 3.0)).backward();
  CHECK(table.gradient().is_rows());
  sum(embedding(ids(0), table)).backward();
  CHECK(table.gradient().is_rows());
  CHECK(table.grad().to_vector<double>() == std::vector<double>{1, 1, 0, 0, 4, 4});
  sum(table).backward();
  CHECK_FALSE(table.gradient().is_rows());
  CHECK(table.grad().to_vector<double>() == std::vector<double>{2, 2, 1, 1, 5, 5});
  sum(embedding(ids(1), table)).backward();
  CHECK(table.grad().to_vector<double>() == std::vector<double>{2, 2, 2, 2, 5, 5});
}

TEST_CASE("rows and dense gradients meet within one backward") {
  const Tensor ids = tensor<std::int64_t>({1}, {1});
  const Tensor table = leaf({1, 2, 3, 4}, {2, 2});
  (sum(embedding(ids, table)) + sum(table) + sum(embedding(ids, table))).backward();
  CHECK(table.grad().to_vector<double>() == std::vector<double>{1, 1, 3, 3});
  const Tensor scaled = leaf({1, 2, 3, 4}, {2, 2});  // rows arrive at an op's output
  sum(embedding(ids, scaled * 2.0)).backward();
  CHECK(scaled.grad().to_vector<double>() == std::vector<double>{0, 0, 2, 2});
}

TEST_CASE("no two gradients share a buffer") {
  const bool create_graph = GENERATE(false, true);
  Tensor a = leaf({1, 2}, {2});
  Tensor b = leaf({3, 4}, {2});
  Tensor cotangent = ones({2}, DType::float64);
  (a + b).backward(cotangent, false, create_graph);
  a.grad().mutable_data<double>()[0] = 100;
  CHECK(b.grad().to_vector<double>() == std::vector<double>{1, 1});
  CHECK(cotangent.to_vector<double>() == std::vector<double>{1, 1});
  a.zero_grad();
  b.zero_grad();
}

TEST_CASE("a gradient of rows keeps its ids when the caller reuses theirs") {
  Tensor ids = tensor<std::int64_t>({1, 1}, {2});
  const Tensor table = zeros({4, 1}, DType::float64).set_requires_grad();
  sum(embedding(ids, table)).backward();
  ids.mutable_data<std::int64_t>()[0] = 3;
  CHECK(table.grad().to_vector<double>() == std::vector<double>{0, 2, 0, 0});
}

TEST_CASE("gradients of rows do not pile up without bound") {
  const Tensor ids = tensor<std::int64_t>({0, 2, 2}, {3});
  const Tensor table = zeros({4, 1}, DType::float64).set_requires_grad();
  for (int pass = 0; pass < 10; ++pass) {
    sum(embedding(ids, table)).backward();
  }
  CHECK(table.gradient().is_rows());
  CHECK(table.gradient().ids().numel() <= 4);
  CHECK(table.grad().to_vector<double>() == std::vector<double>{10, 0, 20, 0});
}

TEST_CASE("a leaf given other data between forward and backward is found") {
  Tensor x = leaf({1, 2}, {2});
  const Tensor y = sum(x + x);  // saves nothing of x
  x.set_data(ones({3}, DType::float64));
  CHECK_THROWS_WITH(y.backward(),
                    "backward: a leaf was given other data after it was used; got a gradient [2] "
                    "float64; expected [3] float64");
}

TEST_CASE("a leaf's own backward copies the cotangent") {
  const Tensor x = leaf({1, 2}, {2});
  Tensor cotangent = ones({2}, DType::float64);
  x.backward(cotangent);
  cotangent.mutable_data<double>()[0] = 100;
  CHECK(x.grad().to_vector<double>() == std::vector<double>{1, 1});
}

TEST_CASE("gradients are summed to the shape before broadcasting") {
  const Tensor row = leaf({1, 2, 3}, {3});
  const Tensor column = leaf({1, 2}, {2, 1});
  const Tensor number = leaf(2);
  sum(row * column * number).backward();
  CHECK(row.grad().to_vector<double>() == std::vector<double>{6, 6, 6});
  CHECK(column.grad().shape() == Shape{2, 1});
  CHECK(column.grad().to_vector<double>() == std::vector<double>{12, 12});
  CHECK(number.grad().item() == 18);
}

TEST_CASE("what cannot be differentiated is named") {
  const Tensor x = leaf({1, 2}, {2});
  CHECK_THROWS_WITH((x * x).backward(),
                    "backward: not a scalar and no gradient given; got shape [2]");
  CHECK_THROWS_WITH((x * x).backward(ones({3}, DType::float64)),
                    "backward: cotangent 0 does not fit its output; got [3] float64; expected [2] "
                    "float64");
  CHECK_THROWS_WITH((x * x).backward(ones({2})),
                    "backward: cotangent 0 does not fit its output; got [2] float32; expected [2] "
                    "float64");
  CHECK_THROWS_WITH(scalar(1).backward(),
                    "backward: output 0 requires no gradient; hint: was it made under "
                    "NoGradGuard?");
  CHECK_THROWS_WITH(grad({sum(x)}, {scalar(1)}),
                    "grad: input 0 requires no gradient; hint: call set_requires_grad() first");
  CHECK_THROWS_WITH(grad({x * x}, {x}), "grad: not a scalar and no cotangent given; got shape [2]");
  CHECK_THROWS_WITH(backward({sum(x)}, {scalar(1), scalar(1)}),
                    "backward: wrong number of cotangents; got 2; expected 1");
}

/// y = x [2] by an op whose backward function returns `gradients`.
Tensor with_backward(const Op& op, const Tensor& x, const Gradients& gradients) {
  return sum(
      record(op, {x}, x.detach().clone(), [gradients](const Backward&) { return gradients; }));
}

TEST_CASE("a backward that returns the wrong things is caught and named") {
  const Op op = Op::unchecked("wrong", "returns the wrong things");
  const Tensor x = leaf({1, 2}, {2});
  const Tensor fine = ones({2}, DType::float64);
  CHECK_THROWS_WITH(with_backward(op, x, {}).backward(),
                    "wrong backward: wrong number of gradients; got 0; expected 1");
  CHECK_THROWS_WITH(with_backward(op, x, {fine, fine}).backward(),
                    "wrong backward: wrong number of gradients; got 2; expected 1");
  CHECK_THROWS_WITH(with_backward(op, x, {ones({3}, DType::float64)}).backward(),
                    "wrong backward: gradient of input 0 has the wrong shape; got [3]; expected "
                    "[2]");
  CHECK_THROWS_WITH(with_backward(op, x, {ones({2})}).backward(),
                    "wrong backward: gradient of input 0 has the wrong dtype; got float32; "
                    "expected float64");
  CHECK_THROWS_WITH(with_backward(op, x, {scalar(1, DType::float64)}).backward(),
                    "wrong backward: gradient of input 0 has the wrong shape; got []; expected "
                    "[2]");
  CHECK_FALSE(x.grad().defined());
  with_backward(op, x, {Gradient()}).backward();  // zero
  CHECK_FALSE(x.grad().defined());
}

TEST_CASE("a backward that throws changes no leaf's gradient") {
  const Op op = Op::unchecked("thrower", "throws");
  const Tensor x = leaf(2);
  const Tensor bad = record(op, {x}, x.detach().clone(), [](const Backward&) -> Gradients {
    throw Error("thrower backward: on purpose");
  });
  CHECK_THROWS_WITH((bad + x * x).backward(), "thrower backward: on purpose");
  CHECK_FALSE(x.grad().defined());
  CHECK(grad_enabled());
}

}  // namespace
}  // namespace weft
