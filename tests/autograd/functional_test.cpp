#include "autograd/functional.hpp"

#include <cmath>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft::functional {
namespace {

Tensor vector(const std::vector<double>& values) {
  return tensor(values, {static_cast<std::int64_t>(values.size())});
}

void check_close(const Tensor& a, const Tensor& b, double tolerance = 1e-12) {
  REQUIRE(a.shape() == b.shape());
  for (std::int64_t i = 0; i < a.numel(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    CAPTURE(i);
    CHECK(a.data<double>()[at] == Approx(b.data<double>()[at]).margin(tolerance));
  }
}

/// f(x) = (x_0 x_1, x_0^2, tanh x_1); its Jacobian, derived by hand, follows.
Tensor f(const Tensor& x) {
  const std::vector<Tensor> e = unbind(x);
  return stack({e[0] * e[1], e[0] * e[0], tanh(e[1])});
}

Tensor jacobian_by_hand(double x0, double x1) {
  const double slope = 1 - std::tanh(x1) * std::tanh(x1);
  return tensor<double>({x1, x0, 2 * x0, 0, 0, slope}, {3, 2});
}

TensorFunction listed(Tensor (*function)(const Tensor&)) {
  return [function](const std::vector<Tensor>& x) { return std::vector{function(x[0])}; };
}

TEST_CASE("the Jacobian has closed forms") {
  const Tensor x = vector({2, 0.5});
  check_close(jacobian(f, x), jacobian_by_hand(2, 0.5));
  const Tensor A = tensor<double>({1, 2, 3, 4, 5, 6}, {2, 3});
  const Tensor B = tensor<double>({1, 0, 2, 1, 3, 1}, {3, 2});
  const Tensor J = jacobian([&](const Tensor& a) { return matmul(a, B); }, A);  // [2, 2, 2, 3]
  REQUIRE(J.shape() == Shape{2, 2, 2, 3});
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      for (std::size_t k = 0; k < 2; ++k) {
        for (std::size_t l = 0; l < 3; ++l) {  // d(AB)_ij / dA_kl = [i = k] B_lj
          CHECK(J.data<double>()[((i * 2 + j) * 2 + k) * 3 + l] ==
                (i == k ? B.data<double>()[l * 2 + j] : 0));
        }
      }
    }
  }
}

TEST_CASE("products agree with the Jacobian") {
  const Tensor x = vector({2, 0.5});
  const Tensor J = jacobian_by_hand(2, 0.5);  // [3, 2]
  const Tensor u = vector({3, -1, 2});
  const Tensor v = vector({0.5, 4});
  const Product left = vjp(listed(f), {x}, {u});
  check_close(left.outputs[0], f(x));
  check_close(left.product[0], reshape(matmul(reshape(u, {1, 3}), J), {2}));
  const Product right = jvp(listed(f), {x}, {v});
  check_close(right.outputs[0], f(x));
  check_close(right.product[0], reshape(matmul(J, reshape(v, {2, 1})), {3}));
  CHECK_FALSE(right.product[0].requires_grad());
}

/// Uses fused ops: a GRU step and a cross-entropy.
Tensor network(const Tensor& h) {
  const Tensor gates = cat({h, h * 0.5, h * 2.0}, 1);  // [2, 6]
  const Tensor next = gru_cell(gates, gates * 0.3, h);
  return cross_entropy(next * 3.0, tensor<std::int64_t>({1, 0}, {2}));
}

Tensor network_input() { return tensor<double>({0.1, -0.4, 0.7, 0.2}, {2, 2}); }

TEST_CASE("a Jacobian-vector product is the difference along the vector") {
  const Tensor x = network_input();
  const Tensor v = tensor<double>({1, -2, 0.5, 3}, {2, 2});
  const auto hidden = [](const Tensor& h) {
    const Tensor gates = cat({h, h * 0.5, h * 2.0}, 1);
    return gru_cell(gates, gates * 0.3, h);
  };
  const double step = 1e-5;
  const Tensor difference = (hidden(x + v * step) - hidden(x - v * step)) / (2 * step);
  const Product product =
      jvp([&](const std::vector<Tensor>& in) { return std::vector{hidden(in[0])}; }, {x}, {v});
  check_close(product.product[0], difference, 1e-8);
}

TEST_CASE("a Hessian-vector product is the difference of gradients along the vector") {
  const Tensor x = network_input();
  const Tensor v = tensor<double>({1, -2, 0.5, 3}, {2, 2});
  const Product product = hvp(listed(network), {x}, {v});
  const double step = 1e-5;
  const auto gradient = [](const Tensor& at) {
    const Tensor leaf = at.detach().set_requires_grad();
    return grad({network(leaf)}, {leaf})[0];
  };
  check_close(product.product[0], (gradient(x + v * step) - gradient(x - v * step)) / (2 * step),
              1e-8);
  CHECK(product.outputs[0].item() == network(x).item());
  const Tensor H = hessian(network, x);  // [2, 2, 2, 2]
  check_close(reshape(matmul(reshape(H, {4, 4}), reshape(v, {4, 1})), {2, 2}), product.product[0]);
  check_close(reshape(H, {4, 4}), transpose(reshape(H, {4, 4}), 0, 1));
}

TEST_CASE("the Hessian of a quadratic form is its matrix") {
  const Tensor A = tensor<double>({2, -1, -1, 3}, {2, 2});
  const auto form = [&](const Tensor& x) {
    return matmul(reshape(x, {1, 2}), matmul(A, reshape(x, {2, 1}))) * 0.5;  // [1, 1]
  };
  check_close(hessian(form, vector({5, 7})), A);
}

TEST_CASE("several inputs, and ones that nothing depends on") {
  const TensorFunction g = [](const std::vector<Tensor>& x) {
    return std::vector{sum(x[0] * x[0] * x[1])};
  };
  const Tensor x = vector({1, 2});
  const Tensor y = vector({3, 4});
  const Product product = hvp(g, {x, y, x}, {vector({1, 0}), vector({0, 1}), x});
  check_close(product.product[0], vector({6, 4}));  // 2 y v + 2 x w
  check_close(product.product[1], vector({2, 0}));  // 2 x v
  check_close(product.product[2], vector({0, 0}));
  const TensorFunction constant = [&](const std::vector<Tensor>&) { return std::vector{y}; };
  check_close(vjp(constant, {x}, {y}).product[0], vector({0, 0}));
  check_close(jvp(constant, {x}, {y}).product[0], vector({0, 0}));
  check_close(hessian([](const Tensor& z) { return sum(z); }, x), zeros({2, 2}, DType::float64));
}

TEST_CASE("products need no recording, touch no gradient and leave nothing behind") {
  const Tensor x = vector({2, 0.5}).set_requires_grad();
  const std::int64_t nodes = live_nodes();
  const NoGradGuard guard;
  hvp(listed(network), {network_input()}, {network_input()});
  check_close(jacobian(f, x), jacobian_by_hand(2, 0.5));
  CHECK_FALSE(x.grad().defined());
  CHECK(live_nodes() == nodes);
}

TEST_CASE("what does not fit is named") {
  const Tensor x = vector({2, 0.5});
  CHECK_THROWS_WITH(vjp(listed(f), {x}, {}), "vjp: wrong number of vectors; got 0; expected 1");
  CHECK_THROWS_WITH(vjp(listed(f), {x}, {x}),
                    "vjp: vector 0 does not fit; got [2] float64; expected [3] float64");
  CHECK_THROWS_WITH(jvp(listed(f), {x}, {ones({2})}),
                    "jvp: vector 0 does not fit; got [2] float32; expected [2] float64");
  CHECK_THROWS_WITH(hvp(listed(f), {x}, {x}),
                    "hvp: the function has to return one scalar; got shape [3]");
  CHECK_THROWS_WITH(jacobian(f, arange(2)), "jacobian: inputs are floating tensors; got int64");
}

TEST_CASE("a function of captured parameters alone is told") {
  const Tensor w = vector({2, 0.5}).set_requires_grad();
  const auto captures = [&](const std::vector<Tensor>&) { return std::vector{sum(w * w)}; };
  const std::string message =
      ": the function uses none of its arguments, but tensors that it captured, which count as "
      "constants; hint: by parameters of a module, call grad() with create_graph, twice";
  CHECK_THROWS_WITH(hvp(captures, {w}, {w}), "hvp" + message);
  CHECK_THROWS_WITH(jvp(captures, {w}, {w}), "jvp" + message);
  CHECK_THROWS_WITH(vjp(captures, {w}, {scalar(1, DType::float64)}), "vjp" + message);
  CHECK_THROWS_WITH(jacobian([&](const Tensor&) { return w * w; }, w), "jacobian" + message);
  CHECK_THROWS_WITH(hessian([&](const Tensor&) { return sum(w * w); }, w), "hessian" + message);
  const auto both = [&](const std::vector<Tensor>& x) { return std::vector{sum(w * x[0])}; };
  check_close(hvp(both, {w}, {w}).product[0], vector({0, 0}));
}

TEST_CASE("outputs without derivatives have none") {
  const auto f = [](const std::vector<Tensor>& x) {
    return std::vector{argmax(x[0]), square(x[0])};
  };
  const Tensor x = tensor<double>({1, 3}, {2});
  const std::vector<Tensor> along = functional::jvp(f, {x}, {ones({2}, DType::float64)}).product;
  CHECK(along[0].item() == 0);
  CHECK(along[1].to_vector<double>() == std::vector<double>{2, 6});
  CHECK_THROWS_WITH(
      functional::jacobian([](const Tensor& t) { return argmax(t); }, x),
      "jacobian: the function has no derivative; got int64; expected float32 or float64");
}

}  // namespace
}  // namespace weft::functional
