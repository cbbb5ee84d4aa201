#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

/// Branch-free exp, tanh and sigmoid, so that compilers vectorize loops over them for any target
/// CPU. In float the error is at most 2 ulp (exp) and 4 ulp (tanh, sigmoid), and subnormal results
/// are flushed to zero. In double these are the standard library's functions. NaN propagates.
namespace weft::kernels {

/// e^x
inline double exp(double x) { return std::exp(x); }
/// tanh x
inline double tanh(double x) { return std::tanh(x); }
/// 1 / (1 + e^-x)
inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

namespace detail {

/// x = n ln 2 + r with integer n and |r| <= ln(2) / 2.
struct Reduced {
  std::int32_t scale_bits;  ///< n, shifted to the position of a float's exponent
  float r;
};

inline Reduced reduce(float x) {
  constexpr float kLog2E = 1.44269504F;
  constexpr float kShift = 0x1.8p23F;  // adding it rounds to an integer, held in the low bits
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  const float shifted = x * kLog2E + kShift;
  const float n = shifted - kShift;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(shifted) << 23;
  return {static_cast<std::int32_t>(bits), (x - n * kLn2High) - n * kLn2Low};
}

/// e^r - 1 - r by its Taylor series; the first omitted term is r^8 / 8! < 6e-9.
inline float exp_tail(float r) {
  float p = 1.0F / 5040;
  p = p * r + 1.0F / 720;
  p = p * r + 1.0F / 120;
  p = p * r + 1.0F / 24;
  p = p * r + 1.0F / 6;
  p = p * r + 1.0F / 2;
  return p * r * r;
}

}  // namespace detail

/// e^x = 2^n e^r, with x = n ln 2 + r.
inline float exp(float x) {
  constexpr float kUnderflow = -87.3365447F;  // ln of the smallest normal float
  constexpr float kOverflow = 88.7228317F;    // the largest float whose exp is finite in float
  const float clamped = x < kUnderflow ? kUnderflow : (x > kOverflow ? kOverflow : x);
  const auto [scale_bits, r] = detail::reduce(clamped);
  const float p = 1 + (r + detail::exp_tail(r));
  const auto bits = std::bit_cast<std::uint32_t>(p) + static_cast<std::uint32_t>(scale_bits);
  float y = std::bit_cast<float>(bits);
  y = x < kUnderflow ? 0.0F : y;
  y = x > kOverflow ? std::numeric_limits<float>::infinity() : y;
  return x != x ? x : y;
}

/// tanh x = (e^2x - 1) / (e^2x + 1), with e^2x - 1 computed as 2^n (e^r - 1) + (2^n - 1), which
/// stays accurate for small x.
inline float tanh(float x) {
  constexpr float kSaturated = 9.1F;  // tanh rounds to 1 beyond this
  const float magnitude = x < 0 ? -x : x;
  const float clamped = magnitude > kSaturated ? kSaturated : magnitude;
  const auto [scale_bits, r] = detail::reduce(2 * clamped);
  constexpr std::uint32_t kOneBits = 0x3F800000;
  const float scale = std::bit_cast<float>(static_cast<std::uint32_t>(scale_bits) + kOneBits);
  const float minus_one = scale * (r + detail::exp_tail(r)) + (scale - 1);
  const float y = minus_one / (minus_one + 2);
  return x != x ? x : std::copysign(y, x);
}

/// 1 / (1 + e^-x)
inline float sigmoid(float x) { return 1 / (1 + exp(-x)); }

}  // namespace weft::kernels
