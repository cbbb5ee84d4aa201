#pragma once

#include <cstdint>

namespace weft::data {

/// SplitMix64 (Steele, Lea, Flood 2014): a tiny generator whose stream is the same on every
/// platform and with every standard library.
class SplitMix64 {
 public:
  /// Any seed is valid, including 0.
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  /// 64 random bits.
  std::uint64_t bits() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace weft::data
