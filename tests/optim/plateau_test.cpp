#include "optim/plateau.hpp"

#include "autograd/error.hpp"
#include "tests/catch.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft::optim {
namespace {

TEST_CASE("Plateau falls where PyTorch's ReduceLROnPlateau does") {
  const weft::testing::Fixture fixture("schedules", DType::float64);
  const std::vector<double> losses = fixture["losses"].to_vector<double>();
  const std::vector<double> rates = fixture["plateau"].to_vector<double>();
  Plateau plateau({.factor = 0.5, .patience = 2});
  for (std::size_t i = 0; i < losses.size(); ++i) {
    CHECK(0.8 * plateau.factor() == Approx(rates[i]).epsilon(1e-12));
    plateau.observe(losses[i]);
  }
}

TEST_CASE("a loss that is as good is no better, and without patience one is enough") {
  Plateau plateau({.factor = 0.1, .patience = 0});
  plateau.observe(2);
  CHECK(plateau.factor() == 1);
  plateau.observe(2);
  CHECK(plateau.factor() == 0.1);
  plateau.observe(1);
  CHECK(plateau.factor() == 0.1);
}

TEST_CASE("a plateau goes on from its state") {
  const PlateauOptions options = {.factor = 0.5, .patience = 2};
  Plateau whole(options);
  Plateau resumed(options);
  for (const double loss : {3.0, 3.5, 2.5, 2.6, 2.7, 2.8, 2.9, 3.0, 3.1, 1.0}) {
    whole.observe(loss);
    Plateau next(options, resumed.state());
    next.observe(loss);
    resumed = next;
    CHECK(resumed.factor() == whole.factor());
    CHECK(resumed.state().best == whole.state().best);
    CHECK(resumed.state().waited == whole.state().waited);
  }
  CHECK(whole.factor() == 0.25);
}

TEST_CASE("a plateau refuses numbers out of range") {
  CHECK_THROWS_WITH(Plateau({.factor = 1}),
                    "plateau: factor out of range; got 1; expected 0 < factor < 1");
  CHECK_THROWS_WITH(Plateau({.patience = -1}),
                    "plateau: patience out of range; got -1; expected at least 0");
}

}  // namespace
}  // namespace weft::optim
