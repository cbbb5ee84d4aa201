#include "autograd/gradient.hpp"

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

/// Rows 2 and 0 of a table [4, 2], row 2 twice.
Gradient example_rows() {
  return Gradient::rows(tensor<std::int64_t>({2, 0, 2}, {3}),
                        tensor<float>({1, 2, 3, 4, 5, 6}, {3, 2}), 4);
}

TEST_CASE("an undefined gradient is zero") {
  CHECK_FALSE(Gradient().defined());
  CHECK_FALSE(Gradient(Tensor()).defined());
  CHECK_FALSE(Gradient().dense().defined());
}

TEST_CASE("a dense gradient is its tensor") {
  const Tensor x = ones({2, 3});
  const Gradient gradient = x;
  CHECK_FALSE(gradient.is_rows());
  CHECK(gradient.shape() == Shape{2, 3});
  CHECK(gradient.dense().is_same(x));
  CHECK(gradient.coalesced().dense().is_same(x));
}

TEST_CASE("rows stand for a table; repeated ids add") {
  const Gradient gradient = example_rows();
  CHECK(gradient.is_rows());
  CHECK(gradient.shape() == Shape{4, 2});
  CHECK(gradient.dtype() == DType::float32);
  CHECK(identical(gradient.dense(), tensor<float>({3, 4, 0, 0, 6, 8, 0, 0}, {4, 2})));
}

TEST_CASE("coalesced rows have each id once, in rising order") {
  const Gradient gradient = example_rows().coalesced();
  CHECK(identical(gradient.ids(), tensor<std::int64_t>({0, 2}, {2})));
  CHECK(identical(gradient.values(), tensor<float>({3, 4, 6, 8}, {2, 2})));
  CHECK(identical(gradient.dense(), example_rows().dense()));
}

TEST_CASE("rows that do not fit their ids are an error") {
  CHECK_THROWS_WITH(Gradient::rows(arange(3), zeros({2, 2}), 4),
                    "Gradient::rows: shapes do not fit; got ids [3] and values [2, 2]; expected "
                    "[N] and [N, D]");
  CHECK_THROWS_WITH(Gradient::rows(arange(3), zeros({3, 2}), 2),
                    "Gradient::rows: id out of range; got 2; expected [0, 2)");
  CHECK_THROWS_WITH(Gradient::rows(zeros({3}), zeros({3, 2}), 4),
                    "Gradient::rows: wrong dtype of ids; got float32; expected int64");
}

TEST_CASE("a product stands for the matrix that nobody has multiplied yet") {
  const Gradient gradient =
      Gradient::product(tensor<float>({1, 2, 3, 4}, {2, 2}), tensor<float>({1, 0, 2, 1}, {2, 2}));
  CHECK(gradient.is_product());
  CHECK(gradient.shape() == Shape{2, 2});
  CHECK(identical(gradient.dense(), tensor<float>({7, 3, 10, 4}, {2, 2})));
  CHECK_THROWS_WITH(Gradient::product(zeros({2, 3}), zeros({3, 2})),
                    "Gradient::product: shapes do not fit; got [2, 3] and [3, 2]; expected [N, O] "
                    "and [N, I]");
}

TEST_CASE("no rows at all are a table of zeros") {
  const Gradient none = Gradient::rows(arange(0), zeros({0, 2}), 3);
  CHECK(identical(none.dense(), zeros({3, 2})));
  CHECK(none.coalesced().ids().numel() == 0);
}

}  // namespace
}  // namespace weft
