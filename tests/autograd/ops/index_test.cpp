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
  CHECK(identical(pick(x, ids({1, 0, 1})), tensor<float>({2, 3, 6}, {3})));
  CHECK(identical(place(tensor<float>({7, 8}, {2}), ids({2, 0}), 3),
                  tensor<float>({0, 0, 7, 8, 0, 0}, {2, 3})));
}

TEST_CASE("nothing can be selected from nothing") {
  const Tensor none = zeros({0, 3}, DType::float64).set_requires_grad();
  sum(index_select(none, 0, arange(0))).backward();
  CHECK(identical(none.grad(), zeros({0, 3}, DType::float64)));
}

}  // namespace
}  // namespace weft
