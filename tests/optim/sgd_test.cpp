#include "optim/sgd.hpp"

#include <memory>

#include "tests/catch.hpp"
#include "tests/optim/ten_steps.hpp"

namespace weft::optim {
namespace {

TEST_CASE("ten SGD steps with momentum agree with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  check_ten_steps("sgd_momentum", dtype, [](const NamedTensors& parameters) {
    return std::make_unique<SGD>(parameters, SGDOptions{.lr = 0.05, .momentum = 0.9});
  });
}

TEST_CASE("SGD without momentum has no state") {
  const Tensor parameter = ones({2}).set_requires_grad();
  SGD sgd({{"p", parameter}}, {.lr = 0.5});
  CHECK(sgd.state().empty());
  Tensor(parameter).set_gradient(tensor<float>({1, -2}, {2}));
  sgd.step();
  CHECK(identical(parameter.detach(), tensor<float>({0.5, 2}, {2})));
}

TEST_CASE("SGD refuses a momentum out of range") {
  CHECK_THROWS_WITH(SGD({{"p", zeros({1}).set_requires_grad()}}, {.momentum = 1}),
                    "SGD: momentum out of range; got 1; expected 0 <= momentum < 1");
}

}  // namespace
}  // namespace weft::optim
