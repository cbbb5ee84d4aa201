#pragma once

#include <cstdint>

#include "autograd/names.hpp"

namespace weft::optim {

/// How the learning rate changes after warm-up.
enum class Decay : std::uint8_t { constant, inverse_sqrt, cosine, step, plateau };

/// The names of the schedules.
constexpr auto names_of(Decay) {
  return name_table<Decay>("schedule", {{Decay::constant, "constant"},
                                        {Decay::inverse_sqrt, "inverse_sqrt"},
                                        {Decay::cosine, "cosine"},
                                        {Decay::step, "step"},
                                        {Decay::plateau, "plateau"}});
}

/// Hyperparameters of a schedule.
struct ScheduleOptions {
  Decay decay = Decay::constant;  ///< what follows the warm-up
  double peak = 1e-3;             ///< peak learning rate, finite, >= 0
  std::int64_t warmup = 0;        ///< warm-up steps, >= 0 (inverse_sqrt: >= 1)
  std::int64_t total = 0;         ///< total number of steps, >= 1; only for cosine
  std::int64_t every = 0;         ///< steps between two reductions, >= 1; only for step
  double gamma = 0.5;             ///< multiplier of each reduction, in (0, 1); only for step
};

/// The learning rate for each step. It rises linearly to `peak` over the first `warmup` steps; then
///
///     constant:       peak
///     inverse_sqrt:   peak sqrt(warmup / step)
///     cosine:         peak (1 + cos(pi (step - warmup) / (total - warmup + 1))) / 2,
///                     0 after `total`
///     step:           peak gamma^k, k = (step - warmup - 1) / every, rounded down
///     plateau:        peak, which the caller multiplies by the factor of a Plateau
///
/// inverse_sqrt has the shape of Vaswani et al. 2017 (arXiv:1706.03762), eq. 3, whose peak is 1 /
/// sqrt(d_model warmup); cosine that of Loshchilov and Hutter 2017 (arXiv:1608.03983), eq. 5,
/// without restarts.
class Schedule {
 public:
  /// Throws Error if an option is out of range. A run shorter than its warm-up ends during warm-up.
  explicit Schedule(const ScheduleOptions& options);

  /// The learning rate of step 1, 2, ... Throws Error for steps below 1.
  double lr(std::int64_t step) const;

 private:
  ScheduleOptions options_;
};

}  // namespace weft::optim
