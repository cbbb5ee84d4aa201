#include "autograd/kernels/payoff.hpp"

#include "tests/catch.hpp"

namespace weft {
namespace {

using std::chrono::milliseconds;

/// Regions of one millisecond, on a simulated clock.
struct Regions {
  /// Records up to `most` regions that take `share` of the time alone, until one should not be
  /// shared; returns their number.
  int until_alone(double share, int most) {
    for (int i = 0; i < most; ++i) {
      if (!payoff.shared(now)) {
        return i;
      }
      now += milliseconds(1);
      const Payoff::Seconds alone = Payoff::Seconds(milliseconds(1)) / share;
      payoff.note(
          now,
          {.took = milliseconds(1), .own = {alone, alone}, .share = 1, .between = {}, .relief = 0});
    }
    return most;
  }

  /// Milliseconds until regions are shared again.
  int pause() {
    int waited = 0;
    for (; !payoff.shared(now); ++waited) {
      now += milliseconds(1);
    }
    return waited;
  }

  Payoff payoff;
  Payoff::Clock::time_point now{std::chrono::hours(1)};
};

TEST_CASE("what pays is shared for ever") {
  Regions regions;
  CHECK(regions.until_alone(0.5, 10000) == 10000);
  CHECK(regions.until_alone(0.87, 10000) == 10000);
}

TEST_CASE("what does not pay is done alone, for longer and longer") {
  Regions regions;
  for (const int pause : {20, 40, 80, 160, 300, 300}) {
    CHECK(regions.until_alone(1.5, 100) < 10);
    CHECK(regions.pause() == pause);
  }
  regions.until_alone(0.5, 100);
  CHECK(regions.until_alone(5, 100) < 20);
  CHECK(regions.pause() == 20);
}

// Two threads on two processors, each with half of the chunks.
TEST_CASE("a caller whose processor others want, too, is not taken for a slow one") {
  const auto pays = [](double took, double worked, double ran, double between = 0) {
    using Seconds = Payoff::Seconds;
    Payoff payoff;
    const Payoff::Clock::time_point now{std::chrono::hours(1)};
    payoff.note(now, {.took = Seconds(took),
                      .own = {Seconds(worked), Seconds(ran)},
                      .share = 0.5,
                      .between = {Seconds(between), Seconds(between * ran / worked)},
                      .relief = 0.5});
    return payoff.shared(now);
  };
  CHECK(pays(1.1, 1, 1));        // nobody else: 2 s alone
  CHECK(pays(1.1, 1, 1, 100));   // however much there is to do between regions
  CHECK_FALSE(pays(2, 1.5, 1));  // one busy program has the second processor: 2 s alone
  CHECK(pays(1.6, 1.5, 1));
  CHECK_FALSE(pays(1.6, 1.5, 1, 2));  // but what lies between would be faster alone
  CHECK(pays(2, 2, 1));  // two of them: alone 3 s, as they take a third of each processor
  CHECK_FALSE(pays(2.9, 2, 1));
}

TEST_CASE("one slow region is no reason to work alone") {
  Regions regions;
  CHECK(regions.until_alone(0.5, 100) == 100);
  CHECK(regions.until_alone(4, 1) == 1);
  CHECK(regions.until_alone(0.5, 1000) == 1000);
}

}  // namespace
}  // namespace weft
