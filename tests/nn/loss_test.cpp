#include "nn/loss.hpp"

#include "tests/catch.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft::nn {
namespace {

using weft::testing::check_close;
using weft::testing::Fixture;

TEST_CASE("CrossEntropyLoss agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  const Fixture fixture("cross_entropy", dtype);
  for (const auto& [reduction, name] :
       {std::pair{Reduction::mean, "mean"}, {Reduction::sum, "sum"}}) {
    const Tensor logits = fixture.leaf("logits");
    const CrossEntropyLoss criterion(0, reduction);
    const Tensor loss = criterion.forward(logits, fixture["targets"]);
    check_close(name, loss, fixture[name]);
    loss.backward();
    check_close(fmt::format("gradient of {}", name), logits.grad(),
                fixture[fmt::format("grad.{}", name)]);
  }
}

TEST_CASE("ignored targets have exactly zero gradient, whatever their logits") {
  const CrossEntropyLoss criterion(0);
  const Tensor targets = tensor<std::int64_t>({2, 0}, {2});
  Tensor logits = tensor<float>({1, 2, 3, 9, -9, 0}, {2, 3}).set_requires_grad();
  const Tensor loss = criterion.forward(logits, targets);
  loss.backward();
  CHECK(identical(narrow(logits.grad(), 0, 1, 1), zeros({1, 3})));
  const Tensor others = tensor<float>({1, 2, 3, 50, 7, -1}, {2, 3});
  CHECK(identical(criterion.forward(others, targets), loss.detach()));
}

TEST_CASE("CrossEntropyLoss refuses shapes that do not fit") {
  const CrossEntropyLoss criterion;
  CHECK_THROWS_WITH(
      criterion.forward(zeros({2, 3, 4}), zeros({2, 4}, DType::int64)),
      "CrossEntropyLoss: shapes do not fit; got logits [2, 3, 4] and targets [2, 4]; expected "
      "[..., V] and [...]");
  CHECK_THROWS_AS(criterion.forward(zeros({2, 0}), zeros({2}, DType::int64)), Error);
  CHECK_THROWS_AS(criterion.forward(scalar(1), scalar(0, DType::int64)), Error);
}

}  // namespace
}  // namespace weft::nn
