#include "models/key_value_cache.hpp"

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft::models {
namespace {

/// A key of 2 rows: steps and rows can be told apart.
Tensor key(std::int64_t step) {
  const auto value = static_cast<double>(step);
  return tensor({10 * value, 10 * value + 1, 10 * value + 2, 10 * value + 3}, {2, 2});
}

KeyValueCache cache_of(std::int64_t steps) {
  KeyValueCache cache(2, 2, DType::float64);
  for (std::int64_t t = 0; t < steps; ++t) {
    cache.append(key(t), -key(t));
  }
  return cache;
}

TEST_CASE("a cache has every step that was appended, however many") {
  const KeyValueCache cache = cache_of(100);
  REQUIRE(cache.size() == 100);
  REQUIRE(cache.keys().shape() == Shape{100, 2, 2});
  for (std::int64_t t = 0; t < 100; ++t) {
    CHECK(identical(reshape(narrow(cache.keys(), 0, t, 1), {2, 2}), key(t)));
    CHECK(identical(reshape(narrow(cache.values(), 0, t, 1), {2, 2}), -key(t)));
  }
}

TEST_CASE("a cache whose steps are recorded has their gradients") {
  KeyValueCache cache(2, 2, DType::float64);
  Tensor first = key(1).set_requires_grad();
  Tensor second = key(2).set_requires_grad();
  cache.append(first, first * 2.0);
  cache.append(second, second * 3.0);
  cache.select(tensor<std::int64_t>({1, 1}, {2}));
  const std::vector<Tensor> gradients =
      grad({sum(cache.keys()) + sum(cache.values())}, {first, second});
  CHECK(identical(gradients[0], tensor({0.0, 0.0, 6.0, 6.0}, {2, 2})));
  CHECK(identical(gradients[1], tensor({0.0, 0.0, 8.0, 8.0}, {2, 2})));
}

TEST_CASE("rows of a cache are selected, and go their own ways") {
  KeyValueCache cache = cache_of(3);
  cache.select(tensor<std::int64_t>({1, 0, 1}, {3}));
  const Tensor next = tensor({1.0, 2.0, 3.0, 4.0, 5.0, 6.0}, {3, 2});
  cache.append(next, next);
  REQUIRE(cache.keys().shape() == Shape{4, 3, 2});
  CHECK(identical(reshape(narrow(cache.keys(), 0, 2, 1), {3, 2}),
                  tensor({22.0, 23.0, 20.0, 21.0, 22.0, 23.0}, {3, 2})));
  CHECK(identical(reshape(narrow(cache.values(), 0, 3, 1), {3, 2}), next));
}

TEST_CASE("steps that nobody saw are dropped") {
  KeyValueCache cache = cache_of(5);
  cache.select(tensor<std::int64_t>({1}, {1}), 3);
  REQUIRE(cache.keys().shape() == Shape{2, 1, 2});
  CHECK(identical(reshape(cache.keys(), {2, 2}), tensor({32.0, 33.0, 42.0, 43.0}, {2, 2})));
}

TEST_CASE("caches that join end at the same step") {
  const std::int64_t guests = GENERATE(0, 1, 40);
  KeyValueCache cache = cache_of(3);
  cache.join(cache_of(guests));
  const std::int64_t size = std::max<std::int64_t>(3, guests);
  REQUIRE(cache.size() == size);
  const Tensor keys = cache.keys();  // [t, 4, 2]
  CHECK(identical(narrow(narrow(keys, 0, size - 3, 3), 1, 0, 2), cache_of(3).keys()));
  CHECK(
      identical(narrow(narrow(keys, 0, size - guests, guests), 1, 2, 2), cache_of(guests).keys()));
  CHECK(sum(abs(narrow(narrow(keys, 0, 0, size - guests), 1, 2, 2))).item() == 0);
}

}  // namespace
}  // namespace weft::models
