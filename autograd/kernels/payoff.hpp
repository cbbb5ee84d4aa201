#pragma once

#include <algorithm>
#include <chrono>

namespace weft {

/// Judges whether threads that work together are faster than one of them alone would be. Beside
/// other busy programs they need not be: all wait for the one whose processor is taken away.
///
/// Sums, halved now and then so that they are of the last milliseconds, tell what parallel regions
/// took and what their callers would have needed alone: the time that they ran, as if all chunks
/// were their own, and the waiting for a processor. With r threads a processor (this program's and
/// others) a thread needs r times as long as it runs; alone, with t - 1 threads fewer on P
/// processors, that is r - (t - 1) / P, at least 1. A worker that waits for the next region takes
/// its processor time from somebody, so what the caller loses by that between two regions is the
/// regions', too. If working together saved next to nothing, the caller works alone for a while,
/// which grows as long as no trial after it succeeds.
class Payoff {
 public:
  using Clock = std::chrono::steady_clock;        ///< that never goes back
  using Seconds = std::chrono::duration<double>;  ///< what it measures

  /// How long a thread was at something, and how long of that it had a processor.
  struct Work {
    Seconds took;  ///< the whole time
    Seconds ran;   ///< on a processor
  };
  /// A shared region as its caller saw it.
  struct Region {
    Seconds took;   ///< from begin to end
    Work own;       ///< on chunks of its own
    double share;   ///< these chunks among all, above 0
    Work between;   ///< since the region before
    double relief;  ///< (t - 1) / P
  };

  /// Whether a region that begins at `now` should be shared.
  bool shared(Clock::time_point now) const { return now >= resume_; }

  /// Takes into account a shared region that ended at `now`.
  void note(Clock::time_point now, const Region& region) {
    took_ += region.took;
    whole_ += region.own.ran / region.share;
    between_.took += region.between.took;
    between_.ran += region.between.ran;
    work_.took += region.own.took + region.between.took;
    work_.ran += region.own.ran + region.between.ran;
    if (took_ < kEvidence) {
      return;
    }
    const double crowd = work_.ran > Seconds::zero() ? work_.took / work_.ran : 1;
    const double crowd_alone = std::max(crowd - region.relief, 1.0);
    const Seconds alone = whole_ * crowd_alone;
    const Seconds lost = std::max(between_.took - between_.ran * crowd_alone, Seconds::zero());
    if (took_ + lost > kWorthwhile * alone) {
      resume_ = now + pause_;
      pause_ = std::min(2 * pause_, kLongestPause);
      scale(0);
    } else if (alone > kMemory) {
      pause_ = kFirstPause;
      scale(0.5);
    }
  }

 private:
  using Milliseconds = std::chrono::milliseconds;

  static constexpr double kWorthwhile = 0.88;  // of the time alone
  static constexpr Seconds kEvidence = Milliseconds(2);
  static constexpr Seconds kMemory = Milliseconds(20);
  static constexpr Milliseconds kFirstPause{20};
  static constexpr Milliseconds kLongestPause{300};

  void scale(double factor) {
    for (Seconds* const sum :
         {&took_, &whole_, &work_.took, &work_.ran, &between_.took, &between_.ran}) {
      *sum *= factor;
    }
  }

  Seconds took_{};
  Seconds whole_{};  // what callers would have run with all chunks their own
  Work work_{};      // of callers, in regions and between them
  Work between_{};   // of callers, between regions
  Milliseconds pause_ = kFirstPause;
  Clock::time_point resume_{};  // where the last pause ends
};

}  // namespace weft
