#include "models/training/config.hpp"

#include <algorithm>
#include <cmath>

#include "data/settings/settings.hpp"

namespace weft::models {
namespace {

/// Solves k ln k = x for k by Newton's method.
double inverse_of_k_ln_k(double x) {
  double k = std::max(2.0, x);
  for (int i = 0; i < 60; ++i) {
    k = std::max(1.0001, k - (k * std::log(k) - x) / (std::log(k) + 1));
  }
  return k;
}

}  // namespace

optim::ScheduleOptions schedule_options(const TrainingConfig& config, std::int64_t total) {
  return {.decay = config.schedule,
          .peak = config.lr,
          .warmup = config.warmup,
          .total = total,
          .every = config.decay_every,
          .gamma = config.decay_factor};
}

void validate(const TrainingConfig& config) {
  data::SettingsView(config).check_ranges("training");
  if (config.forcing_schedule == ForcingSchedule::exponential && config.teacher_forcing == 0) {
    fail("training: an exponential schedule cannot reach 0; got teacher_forcing 0; expected more");
  }
  if (config.ema > 0 && config.average > 1) {
    fail("training: ema and average exclude each other; got {} and {}; expected one of them",
         config.ema, config.average);
  }
  if (!(config.decay_factor > 0 && config.decay_factor < 1)) {
    fail("training: decay_factor out of range; got {}; expected 0 < decay_factor < 1",
         config.decay_factor);
  }
  optim::Schedule(schedule_options(config, 1));
}

// With r the final ratio, N the total number of steps, and i the number of steps done before this
// one:
//
//     linear           1 - (1 - r) i / N
//     exponential      k^i with k = r^(1/N)
//     inverse sigmoid  r + (1 - r) k / (k + e^(i/k)), k chosen so that the midpoint is at i = N/2
double forcing_ratio(const TrainingConfig& config, std::int64_t step, std::int64_t total) {
  const double r = config.teacher_forcing;
  const auto i = static_cast<double>(step - 1);
  const auto N = static_cast<double>(std::max<std::int64_t>(total, 1));
  const double done = std::min(i / N, 1.0);
  switch (config.forcing_schedule) {
    case ForcingSchedule::linear:
      return 1 - (1 - r) * done;
    case ForcingSchedule::exponential:
      return std::pow(r, done);
    case ForcingSchedule::inverse_sigmoid: {
      const double k = inverse_of_k_ln_k(N / 2);
      return r + (1 - r) * k / (k + std::exp(i / k));
    }
    default:
      return r;
  }
}

}  // namespace weft::models
