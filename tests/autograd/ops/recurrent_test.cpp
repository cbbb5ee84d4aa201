#include <cmath>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return tensor(values, shape).set_requires_grad();
}

TEST_CASE("a GRU step by hand, and a row that is masked out") {
  // r = sigmoid(0) = 1/2, z = sigmoid(ln 3) = 3/4, n = tanh(1 + r 2) = tanh 2
  const double ln3 = std::log(3.0);
  const Tensor gi = leaf({0, ln3, 1, 0, ln3, 1}, {2, 3});
  const Tensor gh = leaf({0, 0, 2, 0, 0, 2}, {2, 3});
  const Tensor h = leaf({4, 5}, {2, 1});
  const Tensor next = gru_cell(gi, gh, h, bool_tensor({true, false}, {2}));
  CHECK(next.data<double>()[0] == Approx(0.25 * std::tanh(2.0) + 0.75 * 4));
  CHECK(next.data<double>()[1] == 5);
}

}  // namespace
}  // namespace weft
