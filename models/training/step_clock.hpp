#pragma once

#include <chrono>
#include <cstdint>

namespace weft::models {

/// Target tokens per second, counting only the steps: validating and saving are excluded. The first
/// steps are not timed, because caches and thread pools are still warming up.
class StepClock {
 public:
  /// Called before a step.
  void start_step() { begin_ = Clock::now(); }
  /// Called after the step; may be omitted for a skipped step.
  void end_step(std::int64_t tokens) {
    if (++steps_ > kStepsNotTimed) {
      seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count();
      tokens_ += tokens;
    }
  }
  /// Returns 0 if no step was timed.
  double rate() const { return seconds_ > 0 ? static_cast<double>(tokens_) / seconds_ : 0; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::int64_t kStepsNotTimed = 10;

  Clock::time_point begin_;
  std::int64_t steps_ = 0;
  std::int64_t tokens_ = 0;
  double seconds_ = 0;
};

}  // namespace weft::models
