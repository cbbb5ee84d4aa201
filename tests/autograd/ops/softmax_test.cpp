#include <cmath>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
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

TEST_CASE("large logits keep their digits") {
  for (const float offset : {1e3F, 1e4F, 1e6F, 1e8F}) {
    CAPTURE(offset);
    const Tensor logits = full({1, 2}, offset).set_requires_grad();
    const Tensor loss = cross_entropy(logits, tensor<std::int64_t>({0}, {1}));
    CHECK(loss.item() == Approx(std::log(2.0)));
    loss.backward();
    CHECK(logits.grad().to_vector<float>() == std::vector<float>{-0.5F, 0.5F});
    CHECK(log_softmax(logits, 1).data<float>()[0] == Approx(-std::log(2.0)));
  }
}

TEST_CASE("NaN in a row that does not count reaches no derivative of either order") {
  const Tensor logits = leaf({NAN, 0, 1, 2}, {2, 2});
  const Tensor targets = tensor<std::int64_t>({-100, 1}, {2});
  for (const bool create_graph : {false, true}) {
    const Tensor dx =
        grad({cross_entropy(logits, targets)}, {logits}, {}, {.create_graph = create_graph})[0];
    CHECK(dx.data<double>()[0] == 0);
    CHECK(dx.data<double>()[3] == Approx(-1 / (1 + std::exp(1.0))));
  }
}

}  // namespace
}  // namespace weft
