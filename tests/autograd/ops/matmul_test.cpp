#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("products of matrices, alone and in batches") {
  const Tensor a = tensor<float>({1, 2, 3, 4, 5, 6}, {2, 3});
  const Tensor b = tensor<float>({1, 0, 0, 1, 2, -1}, {3, 2});
  const Tensor ab = tensor<float>({7, -1, 16, -1}, {2, 2});
  CHECK(identical(matmul(a, b), ab));
  CHECK(identical(matmul(stack({a, a}), stack({b, b})), stack({ab, ab})));
  CHECK(identical(matmul(zeros({2, 0}), zeros({0, 3})), zeros({2, 3})));
}

TEST_CASE("linear multiplies by the transpose of its weight") {
  const Tensor x = tensor<float>({1, 2, 3, 4}, {2, 1, 2});
  const Tensor weight = tensor<float>({1, 0, 0, 1, 1, 1}, {3, 2});
  const Tensor bias = tensor<float>({10, 20, 30}, {3});
  CHECK(identical(linear(x, weight), tensor<float>({1, 2, 3, 3, 4, 7}, {2, 1, 3})));
  CHECK(identical(linear(x, weight, bias), tensor<float>({11, 22, 33, 13, 24, 37}, {2, 1, 3})));
}

TEST_CASE("the outer product of two vectors") {
  CHECK(identical(outer(tensor<float>({1, 2}, {2}), tensor<float>({3, 4, 5}, {3})),
                  tensor<float>({3, 4, 5, 6, 8, 10}, {2, 3})));
}

}  // namespace
}  // namespace weft
