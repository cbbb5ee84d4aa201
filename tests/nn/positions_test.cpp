#include "nn/positions.hpp"

#include <cmath>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft::nn {
namespace {

TEST_CASE("sinusoidal positions are the equation's") {
  const Tensor table = sinusoidal_positions(50, 6);
  const std::span<const float> values = table.data<float>();
  CHECK(values[0] == 0);
  CHECK(values[1] == 1);
  CHECK(values[static_cast<std::size_t>(7 * 6 + 2)] ==
        Approx(std::sin(7 / std::pow(10000.0, 2.0 / 6))));
  CHECK(values[static_cast<std::size_t>(49 * 6 + 5)] ==
        Approx(std::cos(49 / std::pow(10000.0, 4.0 / 6))));
  CHECK(sinusoidal_positions(3, 5).shape() == Shape{3, 5});
}

TEST_CASE("products of rotated vectors depend on their distance alone") {
  Generator generator(1);
  const Tensor q = randn({1, 8}, generator);
  const Tensor k = randn({1, 8}, generator);
  const Rotation all{rotary_cosines(40, 8), rotary_sines(40, 8)};
  const auto product = [&](std::int64_t i, std::int64_t j) {
    const auto at = [&](const Tensor& x, std::int64_t t) {
      return rotate(x, {narrow(all.cos, 0, t, 1), narrow(all.sin, 0, t, 1)});
    };
    return sum(at(q, i) * at(k, j)).item();
  };
  CHECK(product(3, 3) == Approx(sum(q * k).item()));
  CHECK(product(5, 2) == Approx(product(37, 34)));
  CHECK(product(5, 2) != Approx(product(5, 3)));
}

TEST_CASE("a table of positions grows as it is read") {
  int calls = 0;
  const PositionTable table([&calls](std::int64_t T) {
    ++calls;
    return sinusoidal_positions(T, 4);
  });
  CHECK(identical(table.first(3), sinusoidal_positions(3, 4)));
  CHECK(identical(table.first(100), sinusoidal_positions(100, 4)));
  CHECK(calls == 1);
  const Tensor ids = tensor<std::int64_t>({900, 0}, {2});
  CHECK(identical(table.at(ids), index_select(sinusoidal_positions(901, 4), 0, ids)));
  CHECK(calls == 2);
}

TEST_CASE("positions refuse sizes that make no sense") {
  CHECK_THROWS_WITH(sinusoidal_positions(0, 4),
                    "sinusoidal_positions: got 0 positions of size 4; expected at least 1");
  CHECK_THROWS_WITH(rotary_sines(1, 3),
                    "rotary_sines: features are turned in pairs; got 3; expected an even number");
}

}  // namespace
}  // namespace weft::nn
