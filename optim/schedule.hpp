#pragma once

#include <cstdint>

#include "autograd/names.hpp"

namespace weft::optim {

/// What the learning rate does once it is warm.
enum class Decay : std::uint8_t { constant, inverse_sqrt, cosine, step, plateau };

/// The names of the schedules.
constexpr auto names_of(Decay) {
  return name_table<Decay>("schedule", {{Decay::constant, "constant"},
                                        {Decay::inverse_sqrt, "inverse_sqrt"},
                                        {Decay::cosine, "cosine"},
                                        {Decay::step, "step"},
                                        {Decay::plateau, "plateau"}});
}

/// The constants of a schedule.
struct ScheduleOptions {
  Decay decay = Decay::constant;  ///< what comes after the warm-up
  double peak = 1e-3;             ///< finite, >= 0
  std::int64_t warmup = 0;        ///< steps, >= 0 (inverse_sqrt: >= 1)
  std::int64_t total = 0;         ///< number of steps, >= 1; cosine alone
  std::int64_t every = 0;         ///< steps between two falls, >= 1; step alone
  double gamma = 0.5;             ///< what a fall multiplies the rate by, in (0, 1); step alone
};

/// The learning rate of every step. It rises linearly to `peak` over the first `warmup` steps; then
///
///     constant:       peak
///     inverse_sqrt:   peak sqrt(warmup / step)
///     cosine:         peak (1 + cos(pi (step - warmup) / (total - warmup + 1))) / 2,
///                     0 after `total`
///     step:           peak gamma^k, k = (step - warmup - 1) / every, rounded down
///     plateau:        peak, which the caller multiplies by the factor of a Plateau
///
/// inverse_sqrt is the shape of Vaswani et al. 2017 (arXiv:1706.03762), eq. 3, whose peak is
/// 1 / sqrt(d_model warmup); cosine that of Loshchilov and Hutter 2017 (arXiv:1608.03983), eq. 5,
/// without restarts.
class Schedule {
 public:
  /// Throws Error on options out of range. A training that is shorter than its warm-up ends in it.
  explicit Schedule(const ScheduleOptions& options);

  /// The learning rate of step 1, 2, ...; throws Error for steps below 1.
  double lr(std::int64_t step) const;

 private:
  ScheduleOptions options_;
};

}  // namespace weft::optim
