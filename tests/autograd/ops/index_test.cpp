#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor ids(const std::vector<std::int64_t>& values) { return tensor(values, {std::ssize(values)}); }

TEST_CASE("each reader takes what its ids name, each writer puts it back") {
  const Tensor x = tensor<float>({1, 2, 3, 4, 5, 6}, {3, 2});
  CHECK(identical(embedding(ids({2, 0}), x), tensor<float>({5, 6, 1, 2}, {2, 2})));
  CHECK(embedding(reshape(ids({2, 0}), {2, 1}), x).shape() == Shape{2, 1, 2});
  CHECK(identical(index_add(ids({1, 1, 0}), x, 3), tensor<float>({5, 6, 4, 6, 0, 0}, {3, 2})));
  CHECK(identical(index_select(x, 0, ids({1, 1})), tensor<float>({3, 4, 3, 4}, {2, 2})));
  CHECK(identical(index_select(x, -1, ids({1, 0})), tensor<float>({2, 1, 4, 3, 6, 5}, {3, 2})));
}

TEST_CASE("gather reads along one dimension, scatter_add writes back") {
  const Tensor x = tensor<float>({1, 2, 3, 4, 5, 6}, {3, 2});
  const Tensor columns = tensor<std::int64_t>({1, 0, 1}, {3, 1});
  CHECK(identical(gather(x, 1, columns), tensor<float>({2, 3, 6}, {3, 1})));
  const Tensor rows = tensor<std::int64_t>({2, 0, 2, 1}, {2, 2});
  CHECK(identical(gather(x, 0, rows), tensor<float>({5, 2, 5, 4}, {2, 2})));
  CHECK(identical(scatter_add(x, 0, rows, tensor<float>({10, 20, 30, 40}, {2, 2})),
                  tensor<float>({1, 22, 3, 44, 45, 6}, {3, 2})));
}

TEST_CASE("nothing can be selected from nothing") {
  const Tensor none = zeros({0, 3}, DType::float64).set_requires_grad();
  sum(index_select(none, 0, arange(0))).backward();
  CHECK(identical(none.grad(), zeros({0, 3}, DType::float64)));
}

}  // namespace
}  // namespace weft
