#pragma once

#include <algorithm>
#include <chrono>

namespace weft {

/// Judges whether threads that work together are faster than one of them alone would be. Beside
/// other busy programs they need not be: all wait for the one whose processor is taken away.
///
/// Sums, halved now and then so that they are of the last milliseconds, tell what parallel regions
/// took, with what their callers did between them (a worker that waits for the next region takes
/// its processor time from somebody), and what the callers would have needed alone: the time that
/// they ran, as if all chunks were their own, and the waiting for a processor. With r threads a
/// processor (this program's and others) a thread needs r times as long as it runs; alone, with t -
/// 1 threads fewer on P processors, that is r - (t - 1) / P, at least 1. If working together saved
/// next to nothing, the caller works alone for a while, which grows as long as no trial after it
/// succeeds.
class Payoff {
 public:
  using Clock = std::chrono::steady_clock;        ///< that never goes back
  using Seconds = std::chrono::duration<double>;  ///< what it measures

  /// A shared region, and the time from the one before it to this one, as their caller saw them.
  struct Region {
    Seconds took;    ///< from begin to end
    Seconds worked;  ///< of that, by the caller, without the waiting for others' chunks
    Seconds ran;     ///< of that, while the caller had a processor
    Seconds whole;   ///< what `ran` would have been with all chunks its own
    double relief;   ///< (t - 1) / P
  };

  /// Whether a region that begins at `now` should be shared.
  bool shared(Clock::time_point now) const { return now >= resume_; }

  /// Takes into account a shared region that ended at `now`.
  void note(Clock::time_point now, const Region& region) {
    took_ += region.took;
    worked_ += region.worked;
    ran_ += region.ran;
    undisturbed_ += region.whole;
    if (took_ < kEvidence) {
      return;
    }
    const double crowd = ran_ > Seconds::zero() ? worked_ / ran_ : 1;
    const Seconds alone = undisturbed_ * std::max(crowd - region.relief, 1.0);
    if (took_ > kWorthwhile * alone) {
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

  static constexpr double kWorthwhile = 0.95;  // of the time alone
  static constexpr Seconds kEvidence = Milliseconds(2);
  static constexpr Seconds kMemory = Milliseconds(20);
  static constexpr Milliseconds kFirstPause{20};
  static constexpr Milliseconds kLongestPause{300};

  void scale(double factor) {
    for (Seconds* const sum : {&took_, &worked_, &ran_, &undisturbed_}) {
      *sum *= factor;
    }
  }

  Seconds took_{};
  Seconds worked_{};
  Seconds ran_{};
  Seconds undisturbed_{};  // what callers would have needed alone, each on a processor of its own
  Milliseconds pause_ = kFirstPause;
  Clock::time_point resume_{};  // where the last pause ends
};

}  // namespace weft
