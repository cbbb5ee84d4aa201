#include "autograd/kernels/payoff.hpp"

#include "tests/catch.hpp"

namespace weft {
namespace {

using std::chrono::milliseconds;

/// Regions of a millisecond, at times of the test's own.
struct Regions {
  /// Notes regions that take `share` of the time alone until one is not to be shared, `most` at
  /// most; how many there were.
  int until_alone(double share, int most) {
    for (int i = 0; i < most; ++i) {
      if (!payoff.shared(now)) {
        return i;
      }
      now += milliseconds(1);
      payoff.note(now, milliseconds(1), Payoff::Seconds(milliseconds(1)) / share);
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
  CHECK(regions.until_alone(0.94, 10000) == 10000);
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

TEST_CASE("one slow region is no reason to work alone") {
  Regions regions;
  CHECK(regions.until_alone(0.5, 100) == 100);
  CHECK(regions.until_alone(4, 1) == 1);
  CHECK(regions.until_alone(0.5, 1000) == 1000);
}

}  // namespace
}  // namespace weft
