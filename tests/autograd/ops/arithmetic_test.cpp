#include <limits>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return tensor(values, shape).set_requires_grad();
}

TEST_CASE("arithmetic of tensors and numbers") {
  const Tensor a = tensor<float>({1, 2, 3, 4}, {2, 2});
  const Tensor row = tensor<float>({10, 20}, {2});
  CHECK(identical(a + row, tensor<float>({11, 22, 13, 24}, {2, 2})));
  CHECK(identical(row - a, tensor<float>({9, 18, 7, 16}, {2, 2})));
  CHECK(identical(a * row, tensor<float>({10, 40, 30, 80}, {2, 2})));
  CHECK(identical(row / a, tensor<float>({10, 10, 10.0F / 3, 5}, {2, 2})));
  CHECK(identical(-row, tensor<float>({-10, -20}, {2})));
  CHECK(identical(1.0 - row / 10.0 * 2.0, tensor<float>({-1, -3}, {2})));
  CHECK(identical(20.0 / row + 1.0, tensor<float>({3, 2}, {2})));
}

TEST_CASE("where selects, with broadcasting") {
  const Tensor column = bool_tensor({true, false}, {2, 1});
  const Tensor row = tensor<float>({1, 2}, {2});
  CHECK(identical(where(column, row, scalar(9)), tensor<float>({1, 2, 9, 9}, {2, 2})));
  CHECK(identical(masked_fill(zeros({2, 2}), column, 5), tensor<float>({5, 5, 0, 0}, {2, 2})));
}

TEST_CASE("what a mask hides cannot leak, not even as NaN") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor x = leaf({1, nan}, {2});
  const Tensor mask = bool_tensor({false, true}, {2});
  const Tensor y = sum(masked_fill(x, mask, 0) * 2.0);
  CHECK(y.item() == 2);
  y.backward();
  CHECK(x.grad().to_vector<double>() == std::vector<double>{2, 0});
}

TEST_CASE("dtypes are never mixed") {
  const Tensor single = ones({2});
  const Tensor wide = ones({2}, DType::float64);
  const std::string hint = "; got float32 and float64; hint: convert one with to()";
  CHECK_THROWS_WITH(single + wide, "add: dtypes differ" + hint);
  CHECK_THROWS_WITH(cat({single, wide}, 0), "cat: dtypes differ" + hint);
  CHECK_THROWS_WITH(arange(2) * 2.0, "mul: unsupported dtype; got int64");
  CHECK_THROWS_WITH(arange(2) * 0.5,
                    "mul: dtypes differ; got int64 and the number 0.5; hint: to(DType::float32) "
                    "makes a floating tensor of ids or of arange()");
  CHECK_THROWS_WITH(gt(arange(2), 0.5), Catch::StartsWith("gt: dtypes differ; got int64 and the"));
  CHECK_THROWS_WITH(1.5 - arange(2), Catch::StartsWith("sub: dtypes differ; got int64 and the"));
  CHECK((single * 2.0).dtype() == DType::float32);
  CHECK((2.0 * wide).dtype() == DType::float64);
}

TEST_CASE("powers of tensors and of numbers") {
  Tensor x = tensor<double>({-2, 0, 3}, {3}).set_requires_grad();
  CHECK(pow(x, 3).to_vector<double>() == std::vector<double>{-8, 0, 27});
  CHECK(pow(tensor<double>({4}, {1}), tensor<double>({0.5, -1}, {2})).to_vector<double>() ==
        std::vector<double>{2, 0.25});
  sum(pow(x, 2)).backward();
  CHECK(x.grad().to_vector<double>() == std::vector<double>{-4, 0, 6});
  x.zero_grad();
  sum(pow(x, 0)).backward();  // constant 1, even at 0
  CHECK(x.grad().to_vector<double>() == std::vector<double>{0, 0, 0});
}

TEST_CASE("of equals maximum and minimum give each half the gradient") {
  const Tensor a = tensor<double>({1, 2, 3}, {3}).set_requires_grad();
  const Tensor b = tensor<double>({2, 2, 2}, {3}).set_requires_grad();
  CHECK(maximum(a, b).to_vector<double>() == std::vector<double>{2, 2, 3});
  CHECK(minimum(a, b).to_vector<double>() == std::vector<double>{1, 2, 2});
  sum(maximum(a, b)).backward();
  CHECK(a.grad().to_vector<double>() == std::vector<double>{0, 0.5, 1});
  CHECK(b.grad().to_vector<double>() == std::vector<double>{1, 0.5, 0});
  CHECK(std::isnan(maximum(scalar(NAN), scalar(1)).item()));
  CHECK(std::isnan(minimum(scalar(1), scalar(NAN)).item()));
}

}  // namespace
}  // namespace weft
