#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("argmax names the first of the largest along the last dimension") {
  const Tensor x = tensor<float>({1, 3, 3, 0, -1, -2}, {2, 3});
  CHECK(argmax(x).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 0});
  CHECK(argmax(tensor<float>({1, 2}, {2})).shape().empty());
  CHECK_THROWS_WITH(argmax(zeros({2, 0})), "argmax: nothing to choose from; got shape [2, 0]");
}

TEST_CASE("greater compares strictly and records nothing") {
  const Tensor x = tensor<float>({1, 2, 3}, {3}).set_requires_grad();
  CHECK(identical(greater(x, 2), bool_tensor({false, false, true}, {3})));
  CHECK_FALSE(greater(x, 2).requires_grad());
  CHECK_FALSE(argmax(x).requires_grad());
}

}  // namespace
}  // namespace weft
