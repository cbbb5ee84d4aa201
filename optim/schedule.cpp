#include "optim/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "autograd/error.hpp"

namespace weft::optim {

namespace {

void check_at_least(std::string_view what, std::int64_t value, std::int64_t least) {
  if (value < least) {
    fail("schedule: {} out of range; got {}; expected at least {}", what, value, least);
  }
}

}  // namespace

Schedule::Schedule(const ScheduleOptions& options) : options_(options) {
  if (!std::isfinite(options.peak) || options.peak < 0) {
    fail("schedule: learning rate out of range; got {}; expected a finite number >= 0",
         options.peak);
  }
  check_at_least("warmup", options.warmup, options.decay == Decay::inverse_sqrt ? 1 : 0);
  if (options.decay == Decay::cosine) {
    check_at_least("number of steps", options.total, 1);
  }
  if (options.decay == Decay::step) {
    check_at_least("steps between two falls", options.every, 1);
    if (!(options.gamma > 0 && options.gamma < 1)) {
      fail("schedule: gamma out of range; got {}; expected 0 < gamma < 1", options.gamma);
    }
  }
}

double Schedule::lr(std::int64_t step) const {
  if (step < 1) {
    fail("schedule: step out of range; got {}; expected at least 1", step);
  }
  const auto& [decay, peak, warmup, total, every, gamma] = options_;
  const auto t = static_cast<double>(step);
  const auto warm = static_cast<double>(warmup);
  if (step < warmup) {
    return peak * t / warm;
  }
  switch (decay) {
    case Decay::constant:
    case Decay::plateau:
      return peak;
    case Decay::inverse_sqrt:
      return peak * std::sqrt(warm / t);
    case Decay::cosine: {
      const auto falling = static_cast<double>(std::max(total - warmup, std::int64_t{0}) + 1);
      const double progress = (t - warm) / falling;
      return peak * (1 + std::cos(std::numbers::pi * std::min(progress, 1.0))) / 2;
    }
    case Decay::step: {
      const std::int64_t falls = std::max(step - warmup - 1, std::int64_t{0}) / every;
      return peak * std::pow(gamma, static_cast<double>(falls));
    }
  }
  return peak;
}

}  // namespace weft::optim
