#include "nn/embedding.hpp"

#include "autograd/gradient.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft::nn {
namespace {

TEST_CASE("Embedding looks rows up") {
  Embedding table(3, 2);
  table.load_state({{"weight", tensor<float>({1, 2, 3, 4, 5, 6}, {3, 2})}});
  const Tensor vectors = table.forward(tensor<std::int64_t>({2, 0, 2}, {3, 1}));
  CHECK(identical(vectors, tensor<float>({5, 6, 1, 2, 5, 6}, {3, 1, 2})));
}

TEST_CASE("the padding vector is zero and gets no gradient") {
  manual_seed(1);
  Embedding table(4, 2, 1);
  const Tensor row = narrow(table.weight, 0, 1, 1).detach();
  CHECK(identical(row, zeros({1, 2})));

  const Tensor vectors = table.forward(tensor<std::int64_t>({1, 3, 1}, {3}));
  CHECK(identical(narrow(vectors, 0, 0, 1).detach(), zeros({1, 2})));
  sum(vectors).backward();
  REQUIRE(table.weight.gradient().is_rows());
  CHECK(identical(table.weight.grad(), tensor<float>({0, 0, 0, 0, 0, 0, 1, 1}, {4, 2})));
}

TEST_CASE("other vectors do not depend on padding") {
  Embedding table(3, 2, 0);
  const Tensor ids = tensor<std::int64_t>({1, 2}, {2});
  CHECK(identical(table.forward(ids).detach(), embedding(ids, table.weight).detach()));
}

TEST_CASE("Embedding refuses a padding_idx outside the table") {
  CHECK_THROWS_WITH(Embedding(3, 2, 3),
                    "Embedding: padding_idx out of range; got 3; expected 0 <= padding_idx < 3");
  CHECK_THROWS_WITH(Embedding(3, 2, -1),
                    "Embedding: padding_idx out of range; got -1; expected 0 <= padding_idx < 3");
}

}  // namespace
}  // namespace weft::nn
