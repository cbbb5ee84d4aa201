#include <cmath>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("the largest and the smallest along a dimension") {
  const Tensor x = tensor<float>({1, 5, 3, 4, 2, 6}, {2, 3});
  CHECK(identical(max(x, 1), tensor<float>({5, 6}, {2})));
  CHECK(identical(max(x, 0, true), tensor<float>({4, 5, 6}, {1, 3})));
  CHECK(identical(min(x, -1), tensor<float>({1, 2}, {2})));
  CHECK(std::isnan(max(tensor<float>({1, NAN, 2}, {3}), 0).item()));
  CHECK(std::isnan(min(tensor<float>({NAN, 1, 2}, {3}), 0).item()));
}

TEST_CASE("of equals the first gets the gradient") {
  const Tensor x = tensor<double>({2, 7, 7, 2}, {4}).set_requires_grad();
  max(x, 0).backward();
  CHECK(x.grad().to_vector<double>() == std::vector<double>{0, 1, 0, 0});
  min(x, 0).backward();
  CHECK(x.grad().to_vector<double>() == std::vector<double>{1, 1, 0, 0});
}

}  // namespace
}  // namespace weft
