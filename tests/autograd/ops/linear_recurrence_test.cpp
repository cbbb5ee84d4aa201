#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("a linear recurrence by hand, and its gradients") {
  const Tensor decay = tensor({9.0, 2.0, 3.0}, {3}).set_requires_grad();
  const Tensor x = tensor({1.0, 10.0, 100.0}, {3}).set_requires_grad();
  const Tensor y = linear_recurrence(decay, x);
  CHECK(identical(y.detach(), tensor({1.0, 12.0, 136.0}, {3})));
  // dx_2 = 1, dx_1 = 1 + 3, dx_0 = 1 + 2 dx_1; nothing comes before the first decay
  const std::vector<Tensor> gradients = grad({sum(y)}, {decay, x});
  CHECK(identical(gradients[0], tensor({0.0, 4.0, 12.0}, {3})));
  CHECK(identical(gradients[1], tensor({9.0, 4.0, 1.0}, {3})));
}

TEST_CASE("a linear recurrence of many features is that of each") {
  Generator generator(2);
  const Tensor decay = sigmoid(randn({40, 3, 700}, generator));
  const Tensor x = randn({40, 3, 700}, generator);
  const Tensor y = linear_recurrence(decay, x);
  for (const std::int64_t i : {0, 350, 699}) {
    const Tensor one = linear_recurrence(narrow(decay, 2, i, 1), narrow(x, 2, i, 1));
    CHECK(identical(narrow(y, 2, i, 1), one));
  }
}

}  // namespace
}  // namespace weft
