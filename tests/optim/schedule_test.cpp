#include "optim/schedule.hpp"

#include <cmath>
#include <numbers>

#include "autograd/error.hpp"
#include "tests/catch.hpp"

namespace weft::optim {
namespace {

TEST_CASE("a constant schedule is constant, after a warm-up if there is one") {
  const Schedule plain(Decay::constant, 0.5);
  CHECK(plain.lr(1) == 0.5);
  CHECK(plain.lr(1000000) == 0.5);
  const Schedule warm(Decay::constant, 0.5, 4);
  CHECK(warm.lr(1) == 0.125);
  CHECK(warm.lr(3) == 0.375);
  CHECK(warm.lr(4) == 0.5);
  CHECK(warm.lr(5) == 0.5);
}

TEST_CASE("inverse_sqrt is the schedule of Vaswani et al. 2017, eq. 3") {
  const double d_model = 512;
  const double warmup = 4000;
  const Schedule schedule(Decay::inverse_sqrt, 1 / std::sqrt(d_model * warmup), 4000);
  for (const double step : {1.0, 100.0, 3999.0, 4000.0, 4001.0, 100000.0}) {
    const double expected =
        std::min(1 / std::sqrt(step), step / (warmup * std::sqrt(warmup))) / std::sqrt(d_model);
    CHECK(schedule.lr(static_cast<std::int64_t>(step)) == Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("cosine falls from the peak to almost nothing") {
  const Schedule schedule(Decay::cosine, 2, 4, 11);
  CHECK(schedule.lr(2) == 1);
  CHECK(schedule.lr(4) == 2);
  CHECK(schedule.lr(8) == Approx(1));  // half of the way, cos(pi / 2)
  CHECK(schedule.lr(11) == Approx(1 + std::cos(std::numbers::pi * 7 / 8)));
  CHECK(schedule.lr(12) == Approx(0).margin(1e-12));
  CHECK(schedule.lr(100) == schedule.lr(12));
  CHECK(Schedule(Decay::cosine, 2, 4, 3).lr(3) == 1.5);  // ends in the warm-up
}

TEST_CASE("schedules are found by name") {
  CHECK(decay_from_name("constant") == Decay::constant);
  CHECK(decay_from_name("inverse_sqrt") == Decay::inverse_sqrt);
  CHECK(decay_from_name("cosine") == Decay::cosine);
  CHECK_THROWS_WITH(decay_from_name("linear"),
                    "schedule: unknown name; got 'linear'; expected constant, inverse_sqrt or "
                    "cosine");
}

TEST_CASE("schedules refuse numbers out of range") {
  CHECK_THROWS_WITH(Schedule(Decay::constant, -1),
                    "schedule: learning rate out of range; got -1; expected a finite number >= 0");
  CHECK_THROWS_WITH(Schedule(Decay::constant, 1, -1),
                    "schedule: warmup out of range; got -1; expected at least 0");
  CHECK_THROWS_WITH(Schedule(Decay::inverse_sqrt, 1, 0),
                    "schedule: warmup out of range; got 0; expected at least 1");
  CHECK_THROWS_WITH(Schedule(Decay::cosine, 1, 5),
                    "schedule: number of steps out of range; got 0; expected at least 1");
  CHECK_THROWS_WITH(Schedule(Decay::constant, 1).lr(0),
                    "schedule: step out of range; got 0; expected at least 1");
}

}  // namespace
}  // namespace weft::optim
