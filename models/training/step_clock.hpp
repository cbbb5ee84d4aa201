#pragma once

#include <chrono>
#include <cstdint>

namespace weft::models {

/// Target tokens per second of the steps alone: it stands still while a trainer validates or saves.
/// The first steps are not timed: caches and thread pools are still warming up.
class StepClock {
 public:
  /// Called before a step.
  void start_step() { begin_ = Clock::now(); }
  /// Called after it; a step that was left out need not end.
  void end_step(std::int64_t tokens) {
    if (++steps_ > kStepsNotTimed) {
      seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count();
      tokens_ += tokens;
    }
  }
  /// 0 while no step was timed.
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
