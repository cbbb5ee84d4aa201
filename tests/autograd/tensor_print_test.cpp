#include <limits>

#include "autograd/ops.hpp"
#include "autograd/tensor.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("small tensors are printed whole") {
  CHECK(to_string(tensor<float>({1, 2, 3, 4}, {2, 2})) == "tensor([[1, 2], [3, 4]], float32)");
  CHECK(to_string(scalar(0.1, DType::float64)) == "tensor(0.1, float64)");
  CHECK(to_string(arange(3)) == "tensor([0, 1, 2], int64)");
  CHECK(to_string(bool_tensor({true, false}, {2})) == "tensor([true, false], bool)");
  CHECK(to_string(full({1}, std::numeric_limits<double>::infinity())) == "tensor([inf], float32)");
  CHECK(to_string(Tensor()) == "tensor(undefined)");
}

TEST_CASE("empty tensors show their shape") {
  CHECK(to_string(zeros({0})) == "tensor([], float32, shape [0])");
  CHECK(to_string(zeros({2, 0})) == "tensor([[], []], float32, shape [2, 0])");
}

TEST_CASE("large tensors are shortened in every long dimension") {
  CHECK(to_string(arange(200)).find("...") == std::string::npos);
  CHECK(to_string(arange(201)) == "tensor([0, 1, 2, ..., 198, 199, 200], int64, shape [201])");
  CHECK(to_string(reshape(arange(300), {3, 100})) ==
        "tensor([[0, 1, 2, ..., 97, 98, 99], [100, 101, 102, ..., 197, 198, 199], "
        "[200, 201, 202, ..., 297, 298, 299]], int64, shape [3, 100])");
}

TEST_CASE("fmt prints tensors") { CHECK(fmt::format("{}", arange(1)) == "tensor([0], int64)"); }

}  // namespace
}  // namespace weft
