#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

/// Floats of every magnitude, and the error of a result.
namespace weft::kernels {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kSmallest = std::numeric_limits<float>::min();  // the smallest normal number

/// Calls f for floats of both signs: every 1009th bit pattern, which covers all magnitudes.
template <class F>
void for_many_floats(F&& f) {
  constexpr std::uint32_t kInfinityBits = 0x7F800000;
  for (std::uint32_t bits = 0; bits < kInfinityBits; bits += 1009) {
    f(std::bit_cast<float>(bits));
    f(-std::bit_cast<float>(bits));
  }
}

/// |y - exact| in units in the last place of exact; tiny results may be flushed to zero.
inline double error_in_ulp(float y, double exact) {
  if (std::abs(exact) < static_cast<double>(kSmallest)) {
    return std::abs(static_cast<double>(y)) <= static_cast<double>(kSmallest) ? 0 : 1e9;
  }
  if (exact > static_cast<double>(std::numeric_limits<float>::max())) {
    return y == kInfinity ? 0 : 1e9;
  }
  const int exponent = std::ilogb(exact);
  return std::abs(static_cast<double>(y) - exact) / std::ldexp(1.0, exponent - 23);
}

}  // namespace weft::kernels
