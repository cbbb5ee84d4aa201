#include "optim/schedule.hpp"

#include <cmath>

#include "autograd/error.hpp"

namespace weft::optim {

Decay decay_from_name(std::string_view name) {
  if (name == "constant") {
    return Decay::constant;
  }
  if (name == "inverse_sqrt") {
    return Decay::inverse_sqrt;
  }
  fail("schedule: unknown name; got '{}'; expected constant or inverse_sqrt", name);
}

Schedule::Schedule(Decay decay, double peak, std::int64_t warmup)
    : decay_(decay), peak_(peak), warmup_(warmup) {
  if (!std::isfinite(peak) || peak < 0) {
    fail("schedule: learning rate out of range; got {}; expected a finite number >= 0", peak);
  }
  const std::int64_t least = decay == Decay::inverse_sqrt ? 1 : 0;
  if (warmup < least) {
    fail("schedule: warmup out of range; got {}; expected at least {}", warmup, least);
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
  return decay_ == Decay::constant ? peak_ : peak_ * std::sqrt(warm / t);
}

}  // namespace weft::optim
