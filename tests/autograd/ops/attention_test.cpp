#include <cmath>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return tensor(values, shape).set_requires_grad();
}

TEST_CASE("additive scores and weighted sums") {
  const Tensor query = leaf({1, -1}, {1, 2});
  const Tensor keys = leaf({1, 2, -3, 1}, {2, 1, 2});
  const Tensor v = leaf({1, 10}, {2});
  CHECK(additive_scores(query, keys, v, Energy::relu).to_vector<double>() ==
        std::vector<double>{12, 0});
  CHECK(additive_scores(query, keys, v, Energy::tanh).to_vector<double>()[0] ==
        Approx(std::tanh(2.0) + 10 * std::tanh(1.0)));
  const Tensor weights = leaf({0.25, 0.75}, {2, 1});
  CHECK(weighted_sum(weights, keys).to_vector<double>() == std::vector<double>{-2, 1.25});
}

TEST_CASE("relu scores have derivative 0 at their kink") {
  const Tensor keys = leaf({0}, {1, 1, 1});
  sum(additive_scores(leaf({0}, {1, 1}), keys, leaf({1}, {1}), Energy::relu)).backward();
  CHECK(keys.grad().item() == 0);
}

}  // namespace
}  // namespace weft
