#include "optim/adadelta.hpp"

#include <cmath>
#include <memory>

#include "tests/catch.hpp"
#include "tests/optim/ten_steps.hpp"

namespace weft::optim {
namespace {

TEST_CASE("ten Adadelta steps agree with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  check_ten_steps("adadelta", dtype, [](const NamedTensors& parameters) {
    return std::make_unique<Adadelta>(parameters);  // rho 0.95, eps 1e-6 by default
  });
}

TEST_CASE("Adadelta's first step by hand") {
  Tensor parameter = zeros({1}, DType::float64).set_requires_grad();
  Adadelta adadelta({{"p", parameter}}, {.lr = 2, .rho = 0.75, .eps = 0.25});
  parameter.set_gradient(full({1}, 4, DType::float64));
  adadelta.step();  // v = 0.25 16 = 4, delta = sqrt(0.25) / sqrt(4.25) 4
  CHECK(parameter.item() == Approx(-2 * 0.5 / std::sqrt(4.25) * 4));
  CHECK(adadelta.state()[0].first == "p.square_avg");
  CHECK(adadelta.state()[1].first == "p.acc_delta");
}

TEST_CASE("Adadelta refuses options out of range") {
  const NamedTensors parameters = {{"p", zeros({1}).set_requires_grad()}};
  CHECK_THROWS_WITH(Adadelta(parameters, {.rho = 1}),
                    "Adadelta: rho out of range; got 1; expected 0 <= rho < 1");
  CHECK_THROWS_WITH(Adadelta(parameters, {.eps = 0}),
                    "Adadelta: eps out of range; got 0; expected a finite eps > 0");
}

}  // namespace
}  // namespace weft::optim
