#include "models/key_value_cache.hpp"

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kE = 4;
const LookUpColumns kColumns{.heads = 2, .E = kE, .key = 0, .value = kE};

/// Keys and values of a step, which can be told apart from those of other steps.
Tensor chunk(std::int64_t step, std::int64_t rows) {
  Generator generator(static_cast<std::uint64_t>(step));
  return randn({rows, 2 * kE}, generator, DType::float64);
}

KeyValueCache cache_of(std::int64_t rows, std::int64_t steps, std::int64_t first = 0) {
  KeyValueCache cache(1, std::vector<std::vector<KeyPlace>>(static_cast<std::size_t>(rows)),
                      kColumns);
  for (std::int64_t t = 0; t < steps; ++t) {
    cache.extend();
    cache.add(0, chunk(first + t, rows));
  }
  return cache;
}

Tensor query_of(std::int64_t rows) { return zeros({rows, kE}, DType::float64) + 0.5; }

/// What a row sees that has read these tokens: pairs of a step and a row of its chunk.
Tensor attention_to(const std::vector<std::pair<Tensor, std::int64_t>>& tokens) {
  std::vector<Tensor> rows;
  for (const auto& [tensor, row] : tokens) {
    rows.push_back(narrow(tensor, 0, row, 1));
  }
  const Tensor all = cat(rows, 0);  // [t, 2 E]
  const auto heads = [&](const Tensor& x) {
    return permute(reshape(x, {1, -1, 2, kE / 2}), {0, 2, 1, 3});
  };
  return reshape(scaled_dot_product_attention(heads(query_of(1)), heads(narrow(all, 1, 0, kE)),
                                              heads(narrow(all, 1, kE, kE))),
                 {1, kE});
}

void check_row(const Tensor& found, std::int64_t row,
               const std::vector<std::pair<Tensor, std::int64_t>>& tokens) {
  CHECK(norm(narrow(found, 0, row, 1) - attention_to(tokens)).item() < 1e-13);
}

TEST_CASE("a row of a cache attends to every token that it has read") {
  const KeyValueCache cache = cache_of(2, 3);
  const Tensor found = cache.attend(0, query_of(2)).output;
  check_row(found, 0, {{chunk(0, 2), 0}, {chunk(1, 2), 0}, {chunk(2, 2), 0}});
  check_row(found, 1, {{chunk(0, 2), 1}, {chunk(1, 2), 1}, {chunk(2, 2), 1}});
}

TEST_CASE("rows of a cache are selected, and go their own ways") {
  KeyValueCache cache = cache_of(2, 2);
  cache.select(tensor<std::int64_t>({1, 0, 1}, {3}));
  cache.extend();
  cache.add(0, chunk(7, 3));
  REQUIRE(cache.rows() == 3);
  const Tensor found = cache.attend(0, query_of(3)).output;
  check_row(found, 0, {{chunk(0, 2), 1}, {chunk(1, 2), 1}, {chunk(7, 3), 0}});
  check_row(found, 1, {{chunk(0, 2), 0}, {chunk(1, 2), 0}, {chunk(7, 3), 1}});
  check_row(found, 2, {{chunk(0, 2), 1}, {chunk(1, 2), 1}, {chunk(7, 3), 2}});
}

TEST_CASE("caches join, and their rows go on together") {
  KeyValueCache cache = cache_of(1, 2);
  cache.join(cache_of(2, 1, 10));
  cache.extend();
  cache.add(0, chunk(20, 3));
  const Tensor found = cache.attend(0, query_of(3)).output;
  check_row(found, 0, {{chunk(0, 1), 0}, {chunk(1, 1), 0}, {chunk(20, 3), 0}});
  check_row(found, 1, {{chunk(10, 2), 0}, {chunk(20, 3), 1}});
  check_row(found, 2, {{chunk(10, 2), 1}, {chunk(20, 3), 2}});
}

// As in translating a long text: sentences of ten tokens join and leave at every step.
TEST_CASE("chunks that no row needs are dropped") {
  KeyValueCache cache = cache_of(1, 0);
  for (std::int64_t t = 0; t < 500; ++t) {
    cache.extend();
    cache.add(0, chunk(t, static_cast<std::int64_t>(cache.rows())));
    if (cache.rows() == 10) {
      cache.select(tensor<std::int64_t>({1, 2, 3, 4, 5, 6, 7, 8, 9}, {9}));
    }
    cache.join(cache_of(1, 0));
  }
  CHECK(cache.chunks() <= 64);
  REQUIRE(cache.rows() == 10);
  const Tensor found = cache.attend(0, query_of(10)).output;
  check_row(found, 8, {{chunk(499, 10), 9}});
  std::vector<std::pair<Tensor, std::int64_t>> tokens;
  for (std::int64_t i = 0; i < 9; ++i) {  // each step, a row before it has left
    tokens.emplace_back(chunk(491 + i, 10), 9 - i);
  }
  check_row(found, 0, tokens);
}

TEST_CASE("attention that is recorded is the same, and has the gradients of the op") {
  const Tensor first = chunk(0, 2).set_requires_grad();
  const Tensor second = chunk(1, 3).set_requires_grad();
  KeyValueCache cache(1, std::vector<std::vector<KeyPlace>>(2), kColumns);
  cache.extend();
  cache.add(0, first);
  cache.select(tensor<std::int64_t>({1, 0}, {2}));
  cache.join(cache_of(1, 0));
  cache.extend();
  cache.add(0, second);
  const Tensor found = cache.attend(0, query_of(3)).output;
  {
    const NoGradGuard guard;
    CHECK(norm(found - cache.attend(0, query_of(3)).output).item() < 1e-13);
  }
  const Tensor expected =
      cat({attention_to({{first, 1}, {second, 0}}), attention_to({{first, 0}, {second, 1}}),
           attention_to({{second, 2}})},
          0);
  Generator generator(3);
  const Tensor cotangent = randn({3, kE}, generator, DType::float64);
  const std::vector<Tensor> gradients = grad({sum(found * cotangent)}, {first, second});
  const std::vector<Tensor> others = grad({sum(expected * cotangent)}, {first, second});
  CHECK(norm(gradients[0] - others[0]).item() < 1e-13);
  CHECK(norm(gradients[1] - others[1]).item() < 1e-13);
}

}  // namespace
}  // namespace weft::models
