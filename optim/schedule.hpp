#pragma once

#include <cstdint>
#include <string_view>

namespace weft::optim {

/// What the learning rate does once it is warm.
enum class Decay : std::uint8_t { constant, inverse_sqrt };

/// "constant" or "inverse_sqrt"; throws Error naming both otherwise.
Decay decay_from_name(std::string_view name);

/// The learning rate of every step. It rises linearly to `peak` over the first `warmup` steps; then
///
///     constant:       peak
///     inverse_sqrt:   peak sqrt(warmup / step)
///
/// The latter is the shape of Vaswani et al. 2017 (arXiv:1706.03762), eq. 3, whose peak is
/// 1 / sqrt(d_model warmup).
class Schedule {
 public:
  /// Throws Error unless peak is finite and not negative, and warmup >= 0 (inverse_sqrt: >= 1).
  Schedule(Decay decay, double peak, std::int64_t warmup = 0);

  /// The learning rate of step 1, 2, ...; throws Error for steps below 1.
  double lr(std::int64_t step) const;

 private:
  Decay decay_;
  double peak_;
  std::int64_t warmup_;
};

}  // namespace weft::optim
