#include "nn/linear.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/random.hpp"
#include "tests/catch.hpp"

namespace weft::nn {
namespace {

TEST_CASE("Linear computes x W^T + b") {
  Linear layer(2, 3);
  layer.load_state({{"weight", tensor<float>({1, 2, 3, 4, 5, 6}, {3, 2})},
                    {"bias", tensor<float>({10, 20, 30}, {3})}});
  const Tensor y = layer.forward(tensor<float>({1, 1, 2, 0}, {2, 1, 2}));
  CHECK(identical(y, tensor<float>({13, 27, 41, 12, 26, 40}, {2, 1, 3})));
}

TEST_CASE("Linear without bias has one parameter") {
  const Linear layer(2, 3, false);
  CHECK_FALSE(layer.bias.defined());
  CHECK(layer.named_parameters().size() == 1);
  CHECK(identical(layer.forward(zeros({4, 2})), zeros({4, 3})));
}

TEST_CASE("Linear starts within PyTorch's bounds") {
  manual_seed(1);
  const Linear layer(100, 50);
  for (const Tensor& tensor : layer.parameters()) {
    float largest = 0;
    for (const float value : tensor.data<float>()) {
      largest = std::max(largest, std::abs(value));
    }
    CHECK(largest <= 0.1F);
    CHECK(largest > 0.08F);
  }
}

TEST_CASE("Linear refuses empty sizes") {
  CHECK_THROWS_WITH(
      Linear(0, 3),
      "Module: sizes of parameter 'weight' out of range; got [3, 0]; expected each at least 1");
}

}  // namespace
}  // namespace weft::nn
