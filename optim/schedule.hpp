#pragma once

#include <cstdint>
#include <string_view>

namespace weft::optim {

/// What the learning rate does once it is warm.
enum class Decay : std::uint8_t { constant, inverse_sqrt, cosine };

/// "constant", "inverse_sqrt" or "cosine"; throws Error naming them otherwise.
Decay decay_from_name(std::string_view name);

/// The learning rate of every step. It rises linearly to `peak` over the first `warmup` steps; then
///
///     constant:       peak
///     inverse_sqrt:   peak sqrt(warmup / step)
///     cosine:         peak (1 + cos(pi (step - warmup) / (total - warmup + 1))) / 2, 0 after
///     `total`
///
/// inverse_sqrt is the shape of Vaswani et al. 2017 (arXiv:1706.03762), eq. 3, whose peak is
/// 1 / sqrt(d_model warmup); cosine that of Loshchilov and Hutter 2017 (arXiv:1608.03983), eq. 5,
/// without restarts.
class Schedule {
 public:
  /// `total` is the number of steps, for cosine alone. Throws Error unless peak is finite and not
  /// negative, warmup >= 0 (inverse_sqrt: >= 1) and, for cosine, total >= 1. A training that is
  /// shorter than its warm-up ends in it.
  Schedule(Decay decay, double peak, std::int64_t warmup = 0, std::int64_t total = 0);

  /// The learning rate of step 1, 2, ...; throws Error for steps below 1.
  double lr(std::int64_t step) const;

 private:
  Decay decay_;
  double peak_;
  std::int64_t warmup_;
  std::int64_t total_;
};

}  // namespace weft::optim
