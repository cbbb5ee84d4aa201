#include <cmath>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return tensor(values, shape).set_requires_grad();
}

TEST_CASE("softmax along any dimension") {
  const Tensor x = leaf({0, std::log(3.0), 0, 0}, {2, 2}).detach();
  const std::vector<double> rows = softmax(x, 1).to_vector<double>();
  CHECK(rows[0] == Approx(0.25));
  CHECK(rows[1] == Approx(0.75));
  CHECK(rows[2] == 0.5);
  const std::vector<double> columns = softmax(x, -2).to_vector<double>();
  CHECK(columns[0] == 0.5);
  CHECK(columns[1] == Approx(0.75));
  CHECK(log_softmax(x, 1).to_vector<double>()[1] == Approx(std::log(0.75)));
}

TEST_CASE("rows that do not count in a cross-entropy count for nothing") {
  const Tensor logits = leaf({1, 2, 3, 4, 5, 7}, {3, 2});
  const Tensor ignored = tensor<std::int64_t>({-100, -100, -100}, {3});
  const Tensor nothing = cross_entropy(logits, ignored);
  CHECK(nothing.item() == 0);
  nothing.backward();
  CHECK(logits.grad().to_vector<double>() == std::vector<double>(6, 0));
  const Tensor one = tensor<std::int64_t>({-100, 1, -100}, {3});
  CHECK(cross_entropy(logits, one).item() == Approx(std::log(1 + std::exp(-1.0))));
  CHECK(cross_entropy(logits, one, -100, Reduction::sum).item() ==
        Approx(cross_entropy(logits, one).item()));
}

}  // namespace
}  // namespace weft
