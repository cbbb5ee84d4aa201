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

TEST_CASE("a column has the same bits alone and beside others") {
  Generator generator(3);
  for (const std::int64_t size : {1, 5, 70, 700}) {
    const Tensor all = randn({size, 300}, generator);
    const Tensor one = narrow(all, 1, 7, 1);  // [size, 1]
    CAPTURE(size);
    CHECK(identical(narrow(softmax(all, 0), 1, 7, 1), softmax(one, 0)));
    CHECK(identical(narrow(log_softmax(all, 0), 1, 7, 1), log_softmax(one, 0)));
    CHECK(identical(narrow(logsumexp(all, 0, true), 1, 7, 1), logsumexp(one, 0, true)));
    CHECK(identical(narrow(sum(all, {0}, true), 1, 7, 1), sum(one, {0}, true)));
    CHECK(identical(narrow(cumsum(all, 0), 1, 7, 1), cumsum(one, 0)));
  }
}

TEST_CASE("logsumexp of large numbers neither overflows nor loses a dimension") {
  const Tensor x = tensor<float>({1000, 1000, -1000, -1000}, {2, 2});
  const Tensor y = logsumexp(x, 1);
  CHECK(y.shape() == Shape{2});
  CHECK(y.data<float>()[0] == Approx(1000 + std::log(2.0)));
  CHECK(y.data<float>()[1] == Approx(-1000 + std::log(2.0)));
  CHECK(logsumexp(x, 0, true).shape() == Shape{1, 2});
}

TEST_CASE("logsumexp of infinities is one, and of NaN is NaN") {
  const float inf = INFINITY;
  const Tensor x = tensor<float>({-inf, -inf, inf, 1, NAN, -inf}, {3, 2});
  const std::vector<float> y = logsumexp(x, 1).to_vector<float>();
  CHECK(y[0] == -inf);
  CHECK(y[1] == inf);
  CHECK(std::isnan(y[2]));
}

}  // namespace
}  // namespace weft
