#include <cmath>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
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

TEST_CASE("NaN in a row that is masked out reaches no derivative of either order") {
  const Tensor gi = leaf({NAN, NAN, NAN, 1, 2, 3}, {2, 3});
  const Tensor gh = leaf({NAN, NAN, NAN, 1, 2, 3}, {2, 3});
  const Tensor h = leaf({NAN, 1}, {2, 1});
  const Tensor u = tensor<double>({1, 1}, {2, 1});
  std::vector<std::vector<Tensor>> found;
  for (const bool create_graph : {false, true}) {
    const Tensor next = gru_cell(gi, gh, h, bool_tensor({false, true}, {2}));
    found.push_back(grad({next}, {gi, gh, h}, {u}, {.create_graph = create_graph}));
    CHECK(found.back()[0].data<double>()[0] == 0);
    CHECK(found.back()[1].data<double>()[2] == 0);
    CHECK(found.back()[2].data<double>()[0] == 1);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < found[0][i].data<double>().size(); ++j) {
      CHECK(found[0][i].data<double>()[j] == Approx(found[1][i].data<double>()[j]));
    }
  }
}

}  // namespace
}  // namespace weft
