#include <cmath>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

struct Inputs {
  Tensor query, key, value;

  Inputs(const Shape& queries, const Shape& keys, std::uint64_t seed) {
    Generator generator(seed);
    query = randn(queries, generator).set_requires_grad();
    key = randn(keys, generator).set_requires_grad();
    value = randn(keys, generator).set_requires_grad();
  }
  /// The result and, behind it, the three gradients.
  std::vector<Tensor> attend(const AttentionOptions& options) const {
    const Tensor y = scaled_dot_product_attention(query, key, value, options);
    std::vector<Tensor> all = grad({sum(y * y)}, {query, key, value});
    all.insert(all.begin(), y.detach());
    return all;
  }
};

bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  return std::ranges::equal(a, b, identical);
}

TEST_CASE("attention: a sentence has the same bits alone, and with padding behind it") {
  const Inputs batch({3, 2, 60, 16}, {3, 2, 150, 16}, 1);
  const Tensor lengths = tensor<std::int64_t>({150, 70, 1}, {3});
  const Tensor y =
      scaled_dot_product_attention(batch.query, batch.key, batch.value, {.lengths = lengths});
  for (const std::int64_t b : {0, 1, 2}) {
    const std::int64_t length = lengths.data<std::int64_t>()[static_cast<std::size_t>(b)];
    const auto sentence = [&](const Tensor& x) { return narrow(x, 0, b, 1); };
    const auto cut = [&](const Tensor& x) { return narrow(sentence(x), 2, 0, length); };
    CHECK(identical(
        scaled_dot_product_attention(sentence(batch.query), cut(batch.key), cut(batch.value))
            .detach(),
        sentence(y).detach()));
  }
}

TEST_CASE("attention: a causal query depends on no later key") {
  Inputs inputs({1, 1, 50, 8}, {1, 1, 50, 8}, 2);
  const Tensor y =
      scaled_dot_product_attention(inputs.query, inputs.key, inputs.value, {.causal = true});
  const std::vector<Tensor> g =
      grad({sum(narrow(y, 2, 0, 20))}, {inputs.query, inputs.key, inputs.value});
  for (const Tensor& gradient : g) {
    CHECK(sum(abs(narrow(gradient, 2, 20, 30))).item() == 0);
    CHECK(sum(abs(narrow(gradient, 2, 0, 20))).item() > 0);
  }
}

TEST_CASE("attention: without keys the result is zero") {
  const Inputs inputs({2, 1, 3, 4}, {2, 1, 5, 4}, 3);
  const auto all = inputs.attend({.lengths = tensor<std::int64_t>({0, 5}, {2})});
  for (const Tensor& x : all) {
    CHECK(sum(abs(narrow(x, 0, 0, 1))).item() == 0);
    CHECK(sum(abs(narrow(x, 0, 1, 1))).item() > 0);
  }
}

TEST_CASE("attention: padding may be NaN, in both forms of the gradient") {
  Inputs inputs({1, 1, 2, 3}, {1, 1, 4, 3}, 6);
  for (Tensor x : {inputs.key, inputs.value}) {
    x.mutable_data<float>()[11] = NAN;
  }
  const Tensor y = scaled_dot_product_attention(inputs.query, inputs.key, inputs.value,
                                                {.lengths = tensor<std::int64_t>({3}, {1})});
  for (const bool create_graph : {false, true}) {
    for (const Tensor& g : grad({sum(y)}, {inputs.query, inputs.key, inputs.value}, {},
                                {.retain_graph = true, .create_graph = create_graph})) {
      CHECK(std::isfinite(sum(g).item()));
    }
  }
}

TEST_CASE("attention: dropout zeroes weights, whose mean stays, and comes from the generator") {
  const std::int64_t S = 2001;
  const Tensor query = zeros({1, 1, 1, 2});
  const Tensor value = ones({1, 1, S, 1});
  Generator generator(5, 3);
  const AttentionOptions options = {.dropout = 0.25, .generator = &generator};
  const Tensor y = scaled_dot_product_attention(query, zeros({1, 1, S, 2}), value, options);
  CHECK(generator.position() == 4);
  CHECK(y.item() == Approx(1).margin(0.05));
  CHECK(y.item() != 1);
  Generator again(5, 3);
  CHECK(identical(y, scaled_dot_product_attention(query, zeros({1, 1, S, 2}), value,
                                                  {.dropout = 0.25, .generator = &again})));
}

TEST_CASE("attention: the bits do not depend on the number of threads") {
  const Inputs inputs({4, 2, 70, 16}, {4, 2, 90, 16}, 4);
  const auto attend = [&] {
    Generator generator(1);
    return inputs.attend({.causal = true, .dropout = 0.1, .generator = &generator});
  };
  std::vector<Tensor> alone;
  {
    const testing::WithThreads one(1);
    alone = attend();
  }
  const testing::WithThreads several(4);
  CHECK(same(attend(), alone));
}

TEST_CASE("attention: gradients ignore keys that a query does not see, whatever they overflow to") {
  Generator generator(3);
  const Tensor query = randn({1, 1, 4, 2}, generator).set_requires_grad();
  const Tensor key = randn({1, 1, 4, 2}, generator).set_requires_grad();
  Tensor value = randn({1, 1, 4, 2}, generator);
  value.mutable_data<float>()[6] = 3e38F;  // of the last key
  Tensor cotangent = zeros({1, 1, 4, 2});
  cotangent.mutable_data<float>()[0] = 10;  // of the first query
  const Tensor y = scaled_dot_product_attention(query, key, value, {.causal = true});
  for (const Tensor& gradient : grad({y}, {query, key}, {cotangent})) {
    CHECK(std::isfinite(sum(gradient).item()));
  }
}

}  // namespace
}  // namespace weft
