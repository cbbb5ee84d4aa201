#include "optim/adam.hpp"

#include <cmath>
#include <memory>

#include "autograd/random.hpp"
#include "tests/catch.hpp"
#include "tests/optim/ten_steps.hpp"

namespace weft::optim {
namespace {

TEST_CASE("ten Adam steps agree with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  check_ten_steps("adam", dtype, [](const NamedTensors& parameters) {
    return std::make_unique<Adam>(parameters, AdamOptions{.lr = 0.05});
  });
}

TEST_CASE("ten AdamW steps agree with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  check_ten_steps("adamw", dtype, [](const NamedTensors& parameters) {
    return std::make_unique<AdamW>(parameters, AdamWOptions{.lr = 0.05, .weight_decay = 0.1});
  });
}

TEST_CASE("AdamW without decay is Adam, bit for bit") {
  Generator generator(1);
  Tensor plain = randn({5, 7}, generator).set_requires_grad();
  Tensor decoupled = plain.detach().clone().set_requires_grad();
  Adam adam({{"p", plain}}, {.lr = 0.1});
  AdamW adamw({{"p", decoupled}}, {.lr = 0.1, .weight_decay = 0});
  for (int step = 0; step < 4; ++step) {
    const Tensor gradient = randn({5, 7}, generator);
    plain.set_gradient(gradient);
    decoupled.set_gradient(gradient);
    adam.step();
    adamw.step();
  }
  CHECK(identical(plain.detach(), decoupled.detach()));
}

TEST_CASE("AdamW's decay does not enter its moments") {
  Tensor parameter = full({1}, 4, DType::float64).set_requires_grad();
  AdamW adamw({{"p", parameter}}, {.lr = 0.5, .weight_decay = 0.25});
  parameter.set_gradient(zeros({1}, DType::float64));
  adamw.step();
  CHECK(parameter.item() == 4 * (1 - 0.5 * 0.25));
  CHECK(adamw.state()[1].second.item() == 0);
}

TEST_CASE("Adam's first step is the learning rate, against the sign of the gradient") {
  const Tensor parameter = zeros({2}, DType::float64).set_requires_grad();
  Adam adam({{"p", parameter}}, {.lr = 0.1, .eps = 0});
  Tensor(parameter).set_gradient(tensor<double>({1e-3, -50}, {2}));
  adam.step();
  CHECK(parameter.data<double>()[0] == Approx(-0.1));
  CHECK(parameter.data<double>()[1] == Approx(0.1));
}

TEST_CASE("a parameter's bias correction counts its own steps") {
  const Tensor early = zeros({1}, DType::float64).set_requires_grad();
  const Tensor late = zeros({1}, DType::float64).set_requires_grad();
  Adam adam({{"early", early}, {"late", late}}, {.lr = 0.1, .eps = 0});
  Tensor(early).set_gradient(ones({1}, DType::float64));
  adam.step();
  adam.step();
  Tensor(late).set_gradient(ones({1}, DType::float64));
  adam.step();
  CHECK(late.item() == Approx(-0.1));
}

TEST_CASE("Adam refuses options out of range") {
  const NamedTensors parameters = {{"p", zeros({1}).set_requires_grad()}};
  CHECK_THROWS_WITH(Adam(parameters, {.beta1 = 1}),
                    "Adam: beta1 out of range; got 1; expected 0 <= beta1 < 1");
  CHECK_THROWS_WITH(Adam(parameters, {.beta2 = -0.5}),
                    "Adam: beta2 out of range; got -0.5; expected 0 <= beta2 < 1");
  CHECK_THROWS_WITH(Adam(parameters, {.eps = -1}),
                    "Adam: eps out of range; got -1; expected a finite eps >= 0");
  CHECK_THROWS_WITH(Adam(parameters, {.eps = INFINITY}),
                    "Adam: eps out of range; got inf; expected a finite eps >= 0");
  CHECK_THROWS_WITH(AdamW(parameters, {.weight_decay = -1}),
                    "AdamW: weight_decay out of range; got -1; expected a finite number >= 0");
}

}  // namespace
}  // namespace weft::optim
