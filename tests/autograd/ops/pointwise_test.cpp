#include <algorithm>
#include <cmath>

#include "autograd/ops.hpp"
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
  check(tanh, [](double v) { return std::tanh(v); });
  check(sigmoid, [](double v) { return 1 / (1 + std::exp(-v)); });
  check(relu, [](double v) { return v > 0 ? v : 0; });
  CHECK(log(scalar(3, DType::float64)).item() == std::log(3.0));
  CHECK(std::isnan(relu(scalar(NAN)).item()));
}

TEST_CASE("relu has derivative 0 at its kink") {
  const Tensor x = leaf({-1, 0, 2}, {3});
  sum(relu(x)).backward();
  CHECK(x.grad().to_vector<double>() == std::vector<double>{0, 0, 1});
}

TEST_CASE("dropout keeps the mean, and its gradient has the same mask") {
  Generator generator(0);
  const Tensor x = ones({10000}).set_requires_grad();
  const Tensor y = dropout(x, 0.2, generator);
  CHECK(generator.position() == 1);
  const std::vector<float> values = y.to_vector<float>();
  CHECK(std::abs(std::ranges::count(values, 0.0F) - 2000) < 5 * 40);  // binomial
  CHECK(std::ranges::count(values, 1.25F) + std::ranges::count(values, 0.0F) == 10000);
  sum(y).backward();
  CHECK(identical(x.grad(), y.detach()));
  CHECK_FALSE(identical(dropout(x, 0.2, generator).detach(), y.detach()));
  CHECK(identical(dropout(x, 0, generator).detach(), x.detach()));
}

}  // namespace
}  // namespace weft
