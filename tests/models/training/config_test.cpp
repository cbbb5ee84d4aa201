#include "models/training/config.hpp"

#include <cmath>

#include "autograd/error.hpp"
#include "tests/catch.hpp"

namespace weft::models {
namespace {

TrainingConfig scheduled(ForcingSchedule schedule, double last) {
  TrainingConfig config;
  config.forcing_schedule = schedule;
  config.teacher_forcing = last;
  return config;
}

TEST_CASE("teacher forcing falls from 1 to its last ratio by each schedule's formula") {
  CHECK(forcing_ratio(scheduled(ForcingSchedule::constant, 0.3), 1, 100) == 0.3);
  const TrainingConfig linear = scheduled(ForcingSchedule::linear, 0.2);
  CHECK(forcing_ratio(linear, 1, 100) == 1);
  CHECK(forcing_ratio(linear, 51, 100) == Approx(0.6));
  CHECK(forcing_ratio(linear, 101, 100) == Approx(0.2));
  CHECK(forcing_ratio(linear, 500, 100) == Approx(0.2));
  const TrainingConfig exponential = scheduled(ForcingSchedule::exponential, 0.25);
  CHECK(forcing_ratio(exponential, 1, 100) == 1);
  CHECK(forcing_ratio(exponential, 51, 100) == Approx(0.5));
  CHECK(forcing_ratio(exponential, 101, 100) == Approx(0.25));
}

// k ln k = N / 2 puts the middle of k / (k + e^(i/k)) at i = N / 2.
TEST_CASE("the inverse sigmoid begins near 1, is half way down in the middle, ends near the last") {
  const TrainingConfig config = scheduled(ForcingSchedule::inverse_sigmoid, 0.2);
  CHECK(forcing_ratio(config, 1, 1000) > 0.99);
  CHECK(forcing_ratio(config, 501, 1000) == Approx(0.6));
  CHECK(forcing_ratio(config, 1001, 1000) < 0.21);
  double before = 2;
  for (std::int64_t step = 1; step <= 1000; ++step) {
    const double now = forcing_ratio(config, step, 1000);
    REQUIRE(now < before);
    before = now;
  }
}

TEST_CASE("options of a training that do not go together are refused") {
  const auto refused = [](auto change, const std::string& message) {
    TrainingConfig config;
    change(config);
    CHECK_THROWS_WITH(validate(config), Catch::Matchers::StartsWith("training: " + message));
  };
  refused([](TrainingConfig& c) { c.ema = c.average = 2; }, "ema out of range; got 2");
  refused([](TrainingConfig& c) { c.ema = 0.9, c.average = 3; },
          "ema and average exclude each other");
  refused([](TrainingConfig& c) { c.accumulate = 0; }, "accumulate out of range; got 0");
  refused([](TrainingConfig& c) { c.average = 0; }, "average out of range; got 0");
  refused([](TrainingConfig& c) { c.label_smoothing = 1; }, "label_smoothing out of range; got 1");
  refused(
      [](TrainingConfig& c) {
        c.forcing_schedule = ForcingSchedule::exponential;
        c.teacher_forcing = 0;
      },
      "an exponential schedule cannot reach 0");
}

}  // namespace
}  // namespace weft::models
