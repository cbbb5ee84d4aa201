#include "optim/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "autograd/error.hpp"

namespace weft::optim {

Decay decay_from_name(std::string_view name) {
  if (name == "constant") {
    return Decay::constant;
  }
  if (name == "inverse_sqrt") {
    return Decay::inverse_sqrt;
  }
  if (name == "cosine") {
    return Decay::cosine;
  }
  fail("schedule: unknown name; got '{}'; expected constant, inverse_sqrt or cosine", name);
}

Schedule::Schedule(Decay decay, double peak, std::int64_t warmup, std::int64_t total)
    : decay_(decay), peak_(peak), warmup_(warmup), total_(total) {
  if (!std::isfinite(peak) || peak < 0) {
    fail("schedule: learning rate out of range; got {}; expected a finite number >= 0", peak);
  }
  const std::int64_t least = decay == Decay::inverse_sqrt ? 1 : 0;
  if (warmup < least) {
    fail("schedule: warmup out of range; got {}; expected at least {}", warmup, least);
  }
  if (decay == Decay::cosine && total < 1) {
    fail("schedule: number of steps out of range; got {}; expected at least 1", total);
  }
}

double Schedule::lr(std::int64_t step) const {
  if (step < 1) {
    fail("schedule: step out of range; got {}; expected at least 1", step);
  }
  const auto t = static_cast<double>(step);
  const auto warm = static_cast<double>(warmup_);
  if (step < warmup_) {
    return peak_ * t / warm;
  }
  switch (decay_) {
    case Decay::constant:
      return peak_;
    case Decay::inverse_sqrt:
      return peak_ * std::sqrt(warm / t);
    case Decay::cosine: {
      const auto falling = static_cast<double>(std::max(total_ - warmup_, std::int64_t{0}) + 1);
      const double progress = (t - warm) / falling;
      return peak_ * (1 + std::cos(std::numbers::pi * std::min(progress, 1.0))) / 2;
    }
  }
  return peak_;
}

}  // namespace weft::optim
