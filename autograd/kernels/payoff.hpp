#pragma once

#include <algorithm>
#include <chrono>

namespace weft {

/// Decides whether a team of threads is faster than one of them alone. On a machine with other busy
/// programs it may not be: the whole team waits for the thread that has lost its processor.
///
/// Sums, halved regularly so that they cover only the last milliseconds, compare the time that
/// parallel regions took with the time that their callers would have needed alone: their running
/// time, scaled as if they had computed all chunks, plus the waiting for a processor. With r
/// runnable threads per processor (this program's and others') a thread takes r times as long as it
/// runs; alone, with t - 1 fewer threads on P processors, this factor is r - (t - 1) / P, but at
/// least 1. A worker that waits for the next region takes processor time from others, so the time
/// that the caller loses in this way between two regions is charged to the regions as well. If
/// sharing saved almost nothing, the caller works alone for a while; this pause grows with every
/// trial that fails after it.
class Payoff {
 public:
  using Clock = std::chrono::steady_clock;        ///< monotonic
  using Seconds = std::chrono::duration<double>;  ///< in which durations are measured

  /// How long a thread worked on something, and for how much of that time it had a processor.
  struct Work {
    Seconds took;  ///< wall-clock time
    Seconds ran;   ///< time on a processor
  };
  /// A shared region as seen by its caller.
  struct Region {
    Seconds took;   ///< from start to end
    Work own;       ///< on the caller's own chunks
    double share;   ///< the caller's fraction of all chunks, above 0
    Work between;   ///< since the previous region
    double relief;  ///< (t - 1) / P
  };

  /// Whether a region that starts at `now` should be shared.
  bool shared(Clock::time_point now) const { return now >= resume_; }

  /// Records a shared region that ended at `now`.
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
  Seconds whole_{};  // running time of callers, had they computed all chunks
  Work work_{};      // of callers, in and between regions
  Work between_{};   // of callers, between regions
  Milliseconds pause_ = kFirstPause;
  Clock::time_point resume_{};  // end of the last pause
};

}  // namespace weft
