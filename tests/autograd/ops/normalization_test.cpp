#include <algorithm>
#include <cmath>

#include "autograd/ops.hpp"
#include "autograd/random.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("layer_norm by hand") {
  // Rows with means 3 and 0 and variances 4 and 0; eps keeps the latter finite.
  const Tensor x = tensor<double>({1, 5, 0, 0}, {2, 2});
  const Tensor y = layer_norm(x, tensor<double>({2, 10}, {2}), tensor<double>({1, 7}, {2}), 0);
  CHECK(y.data<double>()[0] == Approx(2 * -1 + 1));
  CHECK(y.data<double>()[1] == Approx(10 * 1 + 7));
  const Tensor flat = layer_norm(x, tensor<double>({2, 10}, {2}), tensor<double>({1, 7}, {2}));
  CHECK(flat.data<double>()[2] == 1);
  CHECK(flat.data<double>()[3] == 7);
}

TEST_CASE("layer_norm keeps the digits of a small variance around a large mean") {
  Generator generator(1);
  const Tensor near_zero = randn({1, 64}, generator);
  const Tensor far = near_zero + 4096.0;
  const Tensor weight = ones({64});
  const Tensor bias = zeros({64});
  const Tensor a = layer_norm(near_zero, weight, bias);
  const Tensor b = layer_norm(far, weight, bias);
  for (std::size_t j = 0; j < 64; ++j) {
    CHECK(std::abs(a.data<float>()[j] - b.data<float>()[j]) < 2e-3F);  // rounding error of 4096 + x
  }
}

TEST_CASE("rows are normalized by themselves") {
  Generator generator(2);
  const Tensor x = randn({5, 3, 8}, generator);
  const Tensor weight = randn({8}, generator);
  const Tensor bias = randn({8}, generator);
  const Tensor all = layer_norm(x, weight, bias);
  for (std::int64_t t = 0; t < 5; ++t) {
    const Tensor alone = layer_norm(narrow(x, 0, t, 1), weight, bias);
    CHECK(identical(narrow(all, 0, t, 1), alone));
  }
}

}  // namespace
}  // namespace weft
