#include "autograd/kernels/formula.hpp"

#include <cmath>
#include <vector>

#include "autograd/random.hpp"
#include "autograd/tensor.hpp"
#include "autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft::kernels {
namespace {

using Doubles = std::vector<double>;

Doubles evaluate(const Formula& formula, const std::vector<Tensor>& inputs, const Shape& shape) {
  std::vector<Operand<double>> operands;
  for (const Tensor& input : inputs) {
    operands.push_back({input.data<double>().data(), &input.shape()});
  }
  Doubles y(static_cast<std::size_t>(numel(shape)));
  formula.evaluate<double>(operands, shape, y.data());
  return y;
}

Tensor normal(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  return randn(shape, generator, DType::float64);
}

TEST_CASE("a formula is what its function says, for every element of blocks of any length") {
  const auto f = [](const auto& x, const auto& y) {
    return (x - y) * (1 - x * y) + exp(-(x * x)) / (2 + abs(y)) - 3 * x;
  };
  const Formula formula = Formula::of<2>(f);
  for (const std::int64_t n : {1, 7, 511, 512, 513, 100'000}) {
    const Tensor x = normal({n}, 1);
    const Tensor y = normal({n}, 2);
    const Doubles got = evaluate(formula, {x, y}, {n});
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double a = x.data<double>()[i];
      const double b = y.data<double>()[i];
      REQUIRE(got[i] ==
              Approx((a - b) * (1 - a * b) + std::exp(-a * a) / (2 + std::abs(b)) - 3 * a));
    }
  }
}

TEST_CASE("operands broadcast, whatever the length of a row") {
  const Formula formula =
      Formula::of<3>([](const auto& a, const auto& b, const auto& c) { return a * b + c; });
  for (const std::int64_t d : {1, 3, 600, 5000}) {
    const Tensor a = normal({4, 1, d}, 1);
    const Tensor b = normal({3, 1}, 2);
    const Tensor c = normal({1}, 3);
    const Doubles got = evaluate(formula, {a, b, c}, {4, 3, d});
    for (std::int64_t i = 0; i < 4 * 3 * d; ++i) {
      const auto at = [](const Tensor& x, std::int64_t k) {
        return x.data<double>()[static_cast<std::size_t>(k)];
      };
      REQUIRE(got[static_cast<std::size_t>(i)] ==
              Approx(at(a, i / (3 * d) * d + i % d) * at(b, i / d % 3) + at(c, 0)));
    }
  }
}

TEST_CASE("a formula may be evaluated into one of its operands") {
  const Formula formula =
      Formula::of<2>([](const auto& x, const auto& g) { return g * (1 - x * x) + g; });
  const Tensor x = normal({20'000}, 1);
  Tensor g = normal({20'000}, 2);
  const Doubles expected = evaluate(formula, {x, g}, g.shape());
  const std::array<Operand<double>, 2> operands = {
      Operand<double>{x.data<double>().data(), &x.shape()},
      Operand<double>{g.data<double>().data(), &g.shape()}};
  formula.evaluate<double>(operands, g.shape(), g.mutable_data<double>().data());
  CHECK(g.to_vector<double>() == expected);
}

TEST_CASE("a formula knows what it uses") {
  const Formula second = Formula::of<3>([](const auto&, const auto& b, const auto&) { return -b; });
  CHECK_FALSE(second.uses(0));
  CHECK(second.uses(1));
  CHECK_FALSE(second.same_as_input());
  const Formula same = Formula::of<2>([](const auto&, const auto& b) { return b; });
  CHECK(same.uses(1));
  CHECK_FALSE(same.uses(0));
  CHECK(same.same_as_input() == 1U);
}

TEST_CASE("the bits do not depend on the number of threads") {
  const Formula formula = Formula::of<1>([](const auto& x) { return x * tanh(x) - 1; });
  const Tensor x = normal({100'000}, 1);
  const int before = num_threads();
  set_num_threads(1);
  const Doubles alone = evaluate(formula, {x}, x.shape());
  set_num_threads(4);
  CHECK(evaluate(formula, {x}, x.shape()) == alone);
  set_num_threads(before);
}

TEST_CASE("too many values at once are an error") {
  CHECK_THROWS_WITH(Formula::of<1>([](auto x) {
                      auto sum = x;
                      for (int i = 1; i < 20; ++i) {
                        sum = sum + static_cast<double>(i) * x;
                      }
                      return sum;
                    }),
                    "formula: too many values at once; expected at most 12");
}

TEST_CASE("a step of numbers alone is an error") {
  CHECK_THROWS_WITH(
      Formula::of<1>([](auto x) { return x + exp(Term(1)); }),
      "formula: a step of numbers alone; expected an operand that depends on an input");
}

}  // namespace
}  // namespace weft::kernels
