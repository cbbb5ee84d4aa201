#include "optim/adagrad.hpp"

#include <cmath>
#include <memory>

#include "tests/catch.hpp"
#include "tests/optim/ten_steps.hpp"

namespace weft::optim {
namespace {

TEST_CASE("ten Adagrad steps agree with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  check_ten_steps("adagrad", dtype, [](const NamedTensors& parameters) {
    return std::make_unique<Adagrad>(parameters, AdagradOptions{.lr = 0.05});
  });
}

TEST_CASE("Adagrad's steps under a constant gradient fall as 1 / sqrt(t)") {
  Tensor parameter = zeros({1}, DType::float64).set_requires_grad();
  Adagrad adagrad({{"p", parameter}}, {.lr = 0.1, .eps = 1e-12});
  parameter.set_gradient(full({1}, 7, DType::float64));
  adagrad.step();
  CHECK(parameter.item() == Approx(-0.1));
  adagrad.step();
  CHECK(parameter.item() == Approx(-0.1 - 0.1 / std::sqrt(2.0)));
  CHECK(adagrad.state()[0].first == "p.sum");
}

TEST_CASE("Adagrad refuses options out of range") {
  CHECK_THROWS_WITH(Adagrad({{"p", zeros({1}).set_requires_grad()}}, {.eps = 0}),
                    "Adagrad: eps out of range; got 0; expected a finite eps > 0");
}

}  // namespace
}  // namespace weft::optim
