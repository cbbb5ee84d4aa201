#include <cmath>
#include <limits>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return tensor(values, shape).set_requires_grad();
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

TEST_CASE("label smoothing spreads a share of the target over all classes") {
  const Tensor logits = leaf({0, std::log(3.0), 0, 0}, {1, 4}).detach();  // p = 1/6, 3/6, 1/6, 1/6
  const Tensor target = tensor<std::int64_t>({1}, {1});
  const double uniform = -(3 * std::log(1.0 / 6) + std::log(0.5)) / 4;
  CHECK(cross_entropy(logits, target, -100, Reduction::mean, 0.2).item() ==
        Approx(0.8 * std::log(2.0) + 0.2 * uniform));
  CHECK(cross_entropy(logits, target, -100, Reduction::mean, 1).item() == Approx(uniform));
}

TEST_CASE("nll_loss of log_softmax is cross_entropy") {
  const Tensor logits = leaf({1, 2, 3, 4, 5, 7}, {3, 2}).detach();
  const Tensor targets = tensor<std::int64_t>({1, -100, 0}, {3});
  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    CHECK(nll_loss(log_softmax(logits, 1), targets, -100, reduction).item() ==
          Approx(cross_entropy(logits, targets, -100, reduction).item()));
  }
  const Tensor none = tensor<std::int64_t>({-100, -100, -100}, {3});
  CHECK(nll_loss(logits, none).item() == 0);
}

TEST_CASE("mean and sum of squared differences") {
  const Tensor x = leaf({1, 2, 3, 4}, {2, 2}).detach();
  const Tensor t = leaf({1, 0, 3, 1}, {2, 2}).detach();
  CHECK(mse_loss(x, t).item() == Approx(13.0 / 4));
  CHECK(mse_loss(x, t, Reduction::sum).item() == Approx(13.0));
}

TEST_CASE("binary cross-entropy, of logits that would overflow too") {
  const Tensor x = leaf({0, 1000, -1000, 1000}, {4}).detach();
  const Tensor t = leaf({1, 1, 0, 0}, {4}).detach();
  CHECK(bce_with_logits(x, t, Reduction::sum).item() == Approx(std::log(2.0) + 1000));
  CHECK(bce_with_logits(x, t).item() == Approx((std::log(2.0) + 1000) / 4));
}

TEST_CASE("Kullback-Leibler divergence, where 0 ln 0 is 0") {
  const Tensor q = log(leaf({0.5, 0.5, 0.25, 0.75}, {2, 2}).detach());
  const Tensor p = leaf({1, 0, 0.25, 0.75}, {2, 2}).detach();
  CHECK(kl_div(q, p, Reduction::sum).item() == Approx(std::log(2.0)));
  CHECK(kl_div(q, p).item() == Approx(std::log(2.0) / 2));  // two distributions
}

TEST_CASE("any id may be the one to ignore") {
  const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
  const Tensor log_p = tensor<double>({-1, -2}, {1, 2});
  CHECK(nll_loss(log_p, tensor({largest}, {1}), largest).item() == 0);
}

}  // namespace
}  // namespace weft
