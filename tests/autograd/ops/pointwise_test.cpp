#include <array>
#include <cmath>

#include "autograd/ops.hpp"
#include "autograd/ops/pointwise_op.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return tensor(values, shape).set_requires_grad();
}

TEST_CASE("functions of one variable") {
  const std::vector<double> values = {-1.5, -0.0, 0.25, 3};
  const Tensor x = tensor(values, {2, 2});
  const auto check = [&](Tensor (*f)(const Tensor&), double (*exact)(double)) {
    const Tensor y = f(x);
    CHECK(y.shape() == x.shape());
    for (std::size_t i = 0; i < values.size(); ++i) {
      CHECK(y.data<double>()[i] == Approx(exact(values[i])));
    }
  };
  check(exp, [](double v) { return std::exp(v); });
  check(square, [](double v) { return v * v; });
  check(abs, [](double v) { return std::abs(v); });
  check(sin, [](double v) { return std::sin(v); });
  check(cos, [](double v) { return std::cos(v); });
  check(erf, [](double v) { return std::erf(v); });
  check(tanh, [](double v) { return std::tanh(v); });
  check(sigmoid, [](double v) { return 1 / (1 + std::exp(-v)); });
  check(relu, [](double v) { return v > 0 ? v : 0; });
  check(softplus, [](double v) { return std::log(1 + std::exp(v)); });
  check(gelu, [](double v) { return v * std::erfc(-v / std::sqrt(2.0)) / 2; });
  CHECK(log(scalar(3, DType::float64)).item() == std::log(3.0));
  CHECK(sqrt(scalar(9)).item() == 3);
  CHECK(log1p(scalar(1e-20, DType::float64)).item() == 1e-20);
  CHECK(softplus(scalar(1000)).item() == 1000);
  CHECK(std::isnan(relu(scalar(NAN)).item()));
}

TEST_CASE("abs has derivative 0 at its kink") {
  const Tensor x = leaf({-1, 0, 2}, {3});
  sum(abs(x)).backward();
  CHECK(x.grad().to_vector<double>() == std::vector<double>{-1, 0, 1});
}

TEST_CASE("clamp passes the gradient within its bounds, both included") {
  const Tensor x = leaf({-2, -1, 0, 1, 2, NAN}, {6});
  const Tensor y = clamp(x, -1, 1);
  CHECK(std::isnan(y.data<double>()[5]));
  CHECK(sum(narrow(y, 0, 0, 5)).item() == 0);
  sum(y).backward();
  CHECK(x.grad().to_vector<double>() == std::vector<double>{0, 1, 1, 1, 0, 0});
}

TEST_CASE("a formula that uses no input has no shape") {
  const auto one = kernels::Formula::of<1>([](const auto&) { return kernels::Term(1); });
  const std::array<Tensor, 1> inputs = {scalar(2)};
  CHECK_THROWS_WITH(ops::detail::evaluate("one", one, inputs),
                    "one: the formula uses no input; expected at least one, which gives the shape");
}

}  // namespace
}  // namespace weft
