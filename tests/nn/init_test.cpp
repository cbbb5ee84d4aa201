#include "nn/init.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft::nn::init {
namespace {

struct Moments {
  double mean;
  double variance;
  double low;
  double high;
};

Moments moments(const Tensor& x) {
  const std::vector<double> values = x.detach().to(DType::float64).to_vector<double>();
  const auto n = static_cast<double>(values.size());
  double total = 0;
  double squares = 0;
  for (const double value : values) {
    total += value;
    squares += value * value;
  }
  const double mean = total / n;
  return {mean, squares / n - mean * mean, *std::ranges::min_element(values),
          *std::ranges::max_element(values)};
}

TEST_CASE("a guard skips every first value on its thread, as long as it lives") {
  const std::uint64_t drawn = default_generator().position();
  Tensor x = full({2, 3}, 7);
  {
    const SkipGuard skip;
    const SkipGuard nested;
    constant_(x, 1);
    zeros_(x);
    uniform_(x, 0, 1);
    normal_(x);
    xavier_uniform_(x);
    kaiming_uniform_(x);
    orthogonal_(x);
    CHECK(identical(x, full({2, 3}, 7)));
    CHECK(default_generator().position() == drawn);
  }
  zeros_(x);
  CHECK(identical(x, zeros({2, 3})));
}

TEST_CASE("constant_ and zeros_ fill") {
  Tensor x = empty({2, 3});
  constant_(x, 2.5);
  CHECK(identical(x, full({2, 3}, 2.5)));
  zeros_(x);
  CHECK(identical(x, zeros({2, 3})));
}

TEST_CASE("uniform_ and normal_ have their moments") {
  Generator generator(1);
  const Tensor x = empty({200, 100});
  uniform_(x, -1, 3, generator);
  const Moments uniform = moments(x);
  CHECK(uniform.low >= -1);
  CHECK(uniform.high < 3);
  CHECK(uniform.mean == Approx(1).margin(0.05));
  CHECK(uniform.variance == Approx(16.0 / 12).margin(0.05));

  normal_(x, 2, 0.5, generator);
  const Moments normal = moments(x);
  CHECK(normal.mean == Approx(2).margin(0.02));
  CHECK(normal.variance == Approx(0.25).margin(0.01));
}

TEST_CASE("xavier and kaiming bounds follow the fans") {
  Generator generator(2);
  const Tensor x = empty({100, 50});
  xavier_uniform_(x, 2, generator);
  const double a = 2 * std::sqrt(6.0 / 150);
  CHECK(moments(x).high <= a);
  CHECK(moments(x).high > 0.99 * a);
  kaiming_uniform_(x, generator);
  const double b = std::sqrt(6.0 / 50);
  CHECK(moments(x).low >= -b);
  CHECK(moments(x).low < -0.99 * b);
}

TEST_CASE("orthogonal_ gives orthonormal rows or columns") {
  Generator generator(3);
  const Tensor wide = empty({4, 7}, DType::float64);
  orthogonal_(wide, generator);
  const Tensor tall = empty({7, 4}, DType::float64);
  orthogonal_(tall, generator);
  for (const Tensor& product :
       {matmul(wide, transpose(wide, 0, 1)), matmul(transpose(tall, 0, 1), tall)}) {
    const std::vector<double> values = product.to_vector<double>();
    for (std::size_t i = 0; i < values.size(); ++i) {
      CHECK(values[i] == Approx(i % 5 == 0 ? 1 : 0).margin(1e-12));
    }
  }
}

TEST_CASE("the generator alone decides the values") {
  for (const auto fill : {+[](const Tensor&x, Generator&g) { uniform_(x, 0, 1, g); },
                          +[](const Tensor&x, Generator&g) { normal_(x, 0, 1, g); },
                          +[](const Tensor&x, Generator&g) { orthogonal_(x, g); }}) {
    Generator first(7);
    Generator again(7);
    const Tensor x = empty({3, 4});
    const Tensor y = empty({3, 4});
    fill(x, first);
    fill(y, again);
    CHECK(identical(x, y));
    fill(y, again);
    CHECK_FALSE(identical(x, y));
  }
}

TEST_CASE("fans need a matrix") {
  Generator generator(1);
  CHECK_THROWS_WITH(xavier_uniform_(empty({3}), 1, generator),
                    "xavier_uniform_: not a matrix; got [3]; expected [fan_out, fan_in]");
  CHECK_THROWS_WITH(kaiming_uniform_(empty({3}), generator),
                    "kaiming_uniform_: not a matrix; got [3]; expected [fan_out, fan_in]");
  CHECK_THROWS_WITH(orthogonal_(empty({2, 2, 2}), generator),
                    "orthogonal_: not a matrix; got [2, 2, 2]; expected [fan_out, fan_in]");
}

}  // namespace
}  // namespace weft::nn::init
