#include "autograd/kernels/look_up.hpp"

#include "autograd/kernels/vector.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

constexpr std::int64_t kTokens = 20;  // of a chunk

/// Keys and values in columns 1 to E and E + 2 to 2 E + 1 of two chunks.
std::vector<Tensor> chunks_of(std::int64_t E, DType dtype) {
  Generator generator(5);
  return {randn({kTokens, 2 * E + 2}, generator, dtype),
          randn({kTokens, 2 * E + 2}, generator, dtype)};
}

/// Paths of several lengths, which share tokens.
std::vector<std::vector<KeyPlace>> paths_of(const std::vector<std::int64_t>& lengths) {
  std::vector<std::vector<KeyPlace>> paths;
  for (const std::int64_t length : lengths) {
    std::vector<KeyPlace>& path = paths.emplace_back();
    for (std::int64_t s = 0; s < length; ++s) {
      path.push_back({static_cast<std::int32_t>(s % 2),
                      static_cast<std::int32_t>((7 * s + std::ssize(paths) / 2) % kTokens)});
    }
  }
  return paths;
}

/// The same by the op, for one row.
Tensor by_op(const Tensor& query, const std::vector<Tensor>& chunks,
             const std::vector<KeyPlace>& path, const LookUpColumns& columns) {
  const std::int64_t d = columns.E / columns.heads;
  const auto heads_at = [&](std::int64_t column) {
    std::vector<Tensor> rows;
    for (const KeyPlace place : path) {
      rows.push_back(narrow(narrow(chunks[static_cast<std::size_t>(place.chunk)], 0, place.row, 1),
                            1, column, columns.E));
    }
    return permute(reshape(cat(rows, 0), {1, -1, columns.heads, d}), {0, 2, 1, 3});
  };
  const Tensor q = permute(reshape(query, {1, 1, columns.heads, d}), {0, 2, 1, 3});
  return reshape(scaled_dot_product_attention(q, heads_at(columns.key), heads_at(columns.value)),
                 {-1});
}

TEST_CASE("a row looks up what attention to the tokens on its path gives") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  const auto [E, heads] = GENERATE(table<std::int64_t, std::int64_t>(
      {{1, 1}, {6, 2}, {32, 2}, {128, 4}, {66, 2}, {40, 1}, {320, 5}}));
  Generator generator(6);
  const std::vector<std::int64_t> lengths = {1, 2, 15, 16, 17, 33, 5};
  const std::vector<Tensor> chunks = chunks_of(E, dtype);
  const auto paths = paths_of(lengths);
  const LookUpColumns columns{.heads = heads, .E = E, .key = 1, .value = E + 2};
  const Tensor query = randn({std::ssize(lengths), E + 3}, generator, dtype);
  const LookedUp found = look_up(query, chunks, paths, columns, 35);
  REQUIRE(found.weights.shape() == Shape{35, std::ssize(lengths), heads});
  const double tolerance = dtype == DType::float32 ? 1e-5 : 1e-13;
  for (std::int64_t n = 0; n < query.size(0); ++n) {
    const Tensor own = narrow(narrow(query, 0, n, 1), 1, 0, E);
    const Tensor expected = by_op(own, chunks, paths[static_cast<std::size_t>(n)], columns);
    CHECK(norm(reshape(narrow(found.output, 0, n, 1), {-1}) - expected).item() < tolerance);
    const Tensor weights = narrow(found.weights, 1, n, 1);  // [35, 1, heads]
    CHECK(norm(sum(weights, {0}) - 1.0).item() < tolerance);
    const std::int64_t length = lengths[static_cast<std::size_t>(n)];
    CHECK(sum(abs(narrow(weights, 0, length, 35 - length))).item() == 0);
  }
}

TEST_CASE("a row's bits do not depend on the others") {
  const std::vector<Tensor> chunks = chunks_of(32, DType::float32);
  const auto paths = paths_of({3, 9, 31});
  const LookUpColumns columns{.heads = 4, .E = 32, .key = 1, .value = 34};
  Generator generator(7);
  const Tensor query = randn({3, 32}, generator);
  const Tensor all = look_up(query, chunks, paths, columns).output;
  for (std::int64_t n = 0; n < 3; ++n) {
    const std::span<const std::vector<KeyPlace>> own(&paths[static_cast<std::size_t>(n)], 1);
    const Tensor alone = look_up(narrow(query, 0, n, 1), chunks, own, columns).output;
    CHECK(identical(narrow(all, 0, n, 1), alone));
  }
}

TEST_CASE("a row without a path looks up zeros") {
  const std::vector<std::vector<KeyPlace>> paths(2);
  const LookedUp found = look_up(zeros({2, 4}) + 1.0, chunks_of(4, DType::float32), paths,
                                 {.heads = 2, .E = 4, .key = 1, .value = 6});
  CHECK(identical(found.output, zeros({2, 4})));
  CHECK(!found.weights.defined());
}

TEST_CASE("the query of look_up has a row for each path") {
  const std::vector<std::vector<KeyPlace>> paths(2);
  CHECK_THROWS_WITH(look_up(zeros({3, 4}), {}, paths, {.heads = 2, .E = 4, .key = 0, .value = 4}),
                    "look_up: wrong shape of query; got [3, 4]; expected 2 rows of at least 4");
}

}  // namespace
}  // namespace weft
