#include "autograd/sampler.hpp"

#include <algorithm>
#include <cmath>

#include "tests/catch.hpp"

namespace weft {
namespace {

constexpr int kDraws = 500;

TEST_CASE("the same seed draws the same samples") {
  Sampler a(3);
  Sampler b(3);
  CHECK(a.shape() == b.shape());
  CHECK(identical(a.normal({3}), b.normal({3})));
}

TEST_CASE("shapes have the ranks asked for, and some are empty") {
  Sampler sampler(0);
  int empty_shapes = 0;
  for (int i = 0; i < kDraws; ++i) {
    const Shape shape = sampler.shape(1, 3);
    CHECK(std::ssize(shape) >= 1);
    CHECK(std::ssize(shape) <= 3);
    empty_shapes += numel(shape) == 0 ? 1 : 0;
    CHECK(numel(sampler.nonempty_shape()) > 0);
  }
  CHECK(empty_shapes > kDraws / 20);
  CHECK(empty_shapes < kDraws / 5);
}

TEST_CASE("broadcast pairs broadcast: the first, the second, or both") {
  Sampler sampler(0);
  int first_alone = 0;
  int second_alone = 0;
  int both = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto [a, b] = sampler.broadcast_pair();
    const Shape whole = broadcast_shapes("pair", a, b);
    first_alone += a != whole && b == whole ? 1 : 0;
    second_alone += a == whole && b != whole ? 1 : 0;
    both += a != whole && b != whole ? 1 : 0;
  }
  CHECK(first_alone > kDraws / 10);
  CHECK(second_alone > kDraws / 10);
  CHECK(both > kDraws / 50);
}

TEST_CASE("dimensions are valid, from either end") {
  Sampler sampler(0);
  int negative = 0;
  for (int i = 0; i < kDraws; ++i) {
    const std::int64_t dim = sampler.dim({2, 3, 4});
    CHECK(wrap_dim("dim", dim, 3) >= 0);
    negative += dim < 0 ? 1 : 0;
  }
  CHECK(negative > kDraws / 3);
}

TEST_CASE("values keep their promises and ask for gradients") {
  Sampler sampler(0);
  const Tensor away = sampler.away_from_zero({1000}, 0.5);
  CHECK(away.requires_grad());
  CHECK(std::ranges::all_of(away.data<double>(), [](double x) { return std::abs(x) >= 0.5; }));
  CHECK(std::ranges::any_of(away.data<double>(), [](double x) { return x < 0; }));
  const Tensor uniform = sampler.uniform({1000}, 1, 2);
  CHECK(uniform.dtype() == DType::float64);
  CHECK(std::ranges::all_of(uniform.data<double>(), [](double x) { return x >= 1 && x < 2; }));
  const Tensor ids = sampler.ids({1000}, 3);
  CHECK(std::ranges::max(ids.data<std::int64_t>()) == 2);
  CHECK(std::ranges::min(ids.data<std::int64_t>()) == 0);
  const Tensor mask = sampler.mask({1000});
  CHECK(std::abs(std::ranges::count(mask.data<bool>(), true) - 500) < 100);
}

}  // namespace
}  // namespace weft
