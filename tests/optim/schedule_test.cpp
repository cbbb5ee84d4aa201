#include "optim/schedule.hpp"

#include <cmath>
#include <numbers>

#include "autograd/error.hpp"
#include "tests/catch.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft::optim {
namespace {

TEST_CASE("a constant schedule is constant, after a warm-up if there is one") {
  const Schedule plain({.decay = Decay::constant, .peak = 0.5});
  CHECK(plain.lr(1) == 0.5);
  CHECK(plain.lr(1000000) == 0.5);
  const Schedule warm({.decay = Decay::constant, .peak = 0.5, .warmup = 4});
  CHECK(warm.lr(1) == 0.125);
  CHECK(warm.lr(3) == 0.375);
  CHECK(warm.lr(4) == 0.5);
  CHECK(warm.lr(5) == 0.5);
}

TEST_CASE("inverse_sqrt is the schedule of Vaswani et al. 2017, eq. 3") {
  const double d_model = 512;
  const double warmup = 4000;
  const Schedule schedule(
      {.decay = Decay::inverse_sqrt, .peak = 1 / std::sqrt(d_model * warmup), .warmup = 4000});
  for (const double step : {1.0, 100.0, 3999.0, 4000.0, 4001.0, 100000.0}) {
    const double expected =
        std::min(1 / std::sqrt(step), step / (warmup * std::sqrt(warmup))) / std::sqrt(d_model);
    CHECK(schedule.lr(static_cast<std::int64_t>(step)) == Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("cosine falls from the peak to almost nothing") {
  const Schedule schedule({.decay = Decay::cosine, .peak = 2, .warmup = 4, .total = 11});
  CHECK(schedule.lr(2) == 1);
  CHECK(schedule.lr(4) == 2);
  CHECK(schedule.lr(8) == Approx(1));  // half of the way, cos(pi / 2)
  CHECK(schedule.lr(11) == Approx(1 + std::cos(std::numbers::pi * 7 / 8)));
  CHECK(schedule.lr(12) == Approx(0).margin(1e-12));
  CHECK(schedule.lr(100) == schedule.lr(12));
  CHECK(Schedule({.decay = Decay::cosine, .peak = 2, .warmup = 4, .total = 3}).lr(3) ==
        1.5);  // ends during warm-up
}

TEST_CASE("step falls after every this many steps, counted once it is warm") {
  const Schedule plain({.decay = Decay::step, .peak = 8, .every = 3, .gamma = 0.5});
  CHECK(plain.lr(1) == 8);
  CHECK(plain.lr(3) == 8);
  CHECK(plain.lr(4) == 4);
  CHECK(plain.lr(6) == 4);
  CHECK(plain.lr(7) == 2);
  const Schedule warm({.decay = Decay::step, .peak = 8, .warmup = 4, .every = 3, .gamma = 0.5});
  CHECK(warm.lr(2) == 4);
  CHECK(warm.lr(4) == 8);
  CHECK(warm.lr(7) == 8);
  CHECK(warm.lr(8) == 4);
}

TEST_CASE("schedules agree with PyTorch") {
  const weft::testing::Fixture fixture("schedules", DType::float64);
  const std::int64_t steps = fixture["step"].numel();
  const auto check = [&](const std::string& name, const Schedule& schedule, std::int64_t offset) {
    INFO(name);
    for (std::int64_t step = 1; step + offset <= steps; ++step) {
      const double expected =
          fixture[name].to_vector<double>()[static_cast<std::size_t>(step - 1 + offset)];
      CHECK(schedule.lr(step) == Approx(expected).epsilon(1e-10));
    }
  };
  check("step", Schedule({.decay = Decay::step, .peak = 0.8, .every = 6, .gamma = 0.3}), 0);
  check("warmup", Schedule({.peak = 0.8, .warmup = 8}), 0);
  // PyTorch starts at the peak and reaches 0 after its last step; weft is one step ahead.
  check("cosine", Schedule({.decay = Decay::cosine, .peak = 0.8, .total = steps - 1}), 1);
}

TEST_CASE("a plateau's schedule is constant by itself") {
  const Schedule schedule({.decay = Decay::plateau, .peak = 0.5, .warmup = 2});
  CHECK(schedule.lr(1) == 0.25);
  CHECK(schedule.lr(1000) == 0.5);
}

TEST_CASE("schedules are found by name") {
  CHECK(named<Decay>("constant") == Decay::constant);
  CHECK(named<Decay>("inverse_sqrt") == Decay::inverse_sqrt);
  CHECK(named<Decay>("cosine") == Decay::cosine);
  CHECK(named<Decay>("step") == Decay::step);
  CHECK(named<Decay>("plateau") == Decay::plateau);
  CHECK_THROWS_WITH(named<Decay>("linear"),
                    "schedule: unknown name; got linear; expected one of constant, inverse_sqrt, "
                    "cosine, step, plateau");
}

TEST_CASE("schedules refuse numbers out of range") {
  CHECK_THROWS_WITH(Schedule({.decay = Decay::constant, .peak = -1}),
                    "schedule: learning rate out of range; got -1; expected a finite number >= 0");
  CHECK_THROWS_WITH(Schedule({.decay = Decay::constant, .peak = 1, .warmup = -1}),
                    "schedule: warmup out of range; got -1; expected at least 0");
  CHECK_THROWS_WITH(Schedule({.decay = Decay::inverse_sqrt, .peak = 1, .warmup = 0}),
                    "schedule: warmup out of range; got 0; expected at least 1");
  CHECK_THROWS_WITH(Schedule({.decay = Decay::cosine, .peak = 1, .warmup = 5}),
                    "schedule: number of steps out of range; got 0; expected at least 1");
  CHECK_THROWS_WITH(Schedule({.decay = Decay::step}),
                    "schedule: steps between two falls out of range; got 0; expected at least 1");
  CHECK_THROWS_WITH(Schedule({.decay = Decay::step, .every = 1, .gamma = 1}),
                    "schedule: gamma out of range; got 1; expected 0 < gamma < 1");
  CHECK_THROWS_WITH(Schedule({.decay = Decay::constant, .peak = 1}).lr(0),
                    "schedule: step out of range; got 0; expected at least 1");
}

}  // namespace
}  // namespace weft::optim
