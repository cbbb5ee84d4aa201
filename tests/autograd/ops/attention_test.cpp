#include <cmath>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return tensor(values, shape).set_requires_grad();
}

TEST_CASE("additive scores, dot products and weighted sums") {
  const Tensor query = leaf({1, -1}, {1, 2});
  const Tensor keys = leaf({1, 2, -3, 1}, {2, 1, 2});
  const Tensor v = leaf({1, 10}, {2});
  CHECK(additive_scores(query, keys, v, Energy::relu).to_vector<double>() ==
        std::vector<double>{12, 0});
  CHECK(additive_scores(query, keys, v, Energy::tanh).to_vector<double>()[0] ==
        Approx(std::tanh(2.0) + 10 * std::tanh(1.0)));
  CHECK(dot_scores(query, keys).to_vector<double>() == std::vector<double>{-1, -4});
  const Tensor weights = leaf({0.25, 0.75}, {2, 1});
  CHECK(weighted_sum(weights, keys).to_vector<double>() == std::vector<double>{-2, 1.25});
}

TEST_CASE("relu scores have derivative 0 at their kink") {
  const Tensor keys = leaf({0}, {1, 1, 1});
  sum(additive_scores(leaf({0}, {1, 1}), keys, leaf({1}, {1}), Energy::relu)).backward();
  CHECK(keys.grad().item() == 0);
}

TEST_CASE("rows that share columns have what copies of the columns would give") {
  Generator generator(7);
  const Tensor keys = randn({5, 3, 9}, generator);
  const Tensor v = randn({9}, generator);
  const Tensor query = randn({4, 9}, generator);
  const Tensor weights = randn({5, 4}, generator);
  const Tensor rows = tensor<std::int64_t>({2, 0, 2, 1}, {4});
  const Tensor copies = index_select(keys, 1, rows);  // [5, 4, 9]
  for (const Energy energy : {Energy::tanh, Energy::relu}) {
    CHECK(identical(additive_scores(query, keys, v, energy, rows),
                    additive_scores(query, copies, v, energy)));
  }
  CHECK(identical(dot_scores(query, keys, rows), dot_scores(query, copies)));
  CHECK(identical(weighted_sum(weights, keys, rows), weighted_sum(weights, copies)));
}

TEST_CASE("gradients of columns that rows share add up") {
  Generator generator(8);
  const Tensor keys = randn({5, 3, 9}, generator).set_requires_grad();
  const Tensor v = randn({9}, generator);
  const Tensor query = randn({2, 9}, generator);
  const Tensor rows = tensor<std::int64_t>({2, 2}, {2});
  const Tensor g = grad({sum(additive_scores(query, keys, v, Energy::tanh, rows))}, {keys})[0];
  const Tensor copies = index_select(keys, 1, rows);
  const Tensor expected = grad({sum(additive_scores(query, copies, v, Energy::tanh))}, {keys})[0];
  CHECK(identical(g, expected));
}

}  // namespace
}  // namespace weft
