#pragma once

#include <algorithm>
#include <chrono>

namespace weft {

/// Judges whether threads that work together are faster than one of them alone would be. Beside
/// other busy programs they need not be: all wait for the one whose processor is taken away.
///
/// Two sums, halved now and then so that they are of the last milliseconds: what parallel regions
/// took, and what their callers would have needed alone. If working together saved next to
/// nothing, the caller works alone for a while, which grows as long as no trial after it succeeds.
class Payoff {
 public:
  using Clock = std::chrono::steady_clock;        ///< that never goes back
  using Seconds = std::chrono::duration<double>;  ///< what it measures

  /// Whether a region that begins at `now` should be shared.
  bool shared(Clock::time_point now) const { return now >= resume_; }

  /// Takes into account a shared region that ended at `now`.
  void note(Clock::time_point now, Seconds took, Seconds alone) {
    took_ += took;
    alone_ += alone;
    if (took_ < kEvidence) {
      return;
    }
    if (took_ > kWorthwhile * alone_) {
      resume_ = now + pause_;
      pause_ = std::min(2 * pause_, kLongestPause);
      took_ = alone_ = Seconds::zero();
    } else if (alone_ > kMemory) {
      took_ /= 2;
      alone_ /= 2;
      pause_ = kFirstPause;
    }
  }

 private:
  using Milliseconds = std::chrono::milliseconds;

  static constexpr double kWorthwhile = 0.95;  // of the time alone
  static constexpr Seconds kEvidence = Milliseconds(2);
  static constexpr Seconds kMemory = Milliseconds(20);
  static constexpr Milliseconds kFirstPause{20};
  static constexpr Milliseconds kLongestPause{300};

  Seconds took_{};
  Seconds alone_{};
  Milliseconds pause_ = kFirstPause;
  Clock::time_point resume_{};  // where the last pause ends
};

}  // namespace weft
