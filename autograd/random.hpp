#pragma once

#include <array>
#include <cstdint>

#include "autograd/tensor.hpp"

namespace weft {

/// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): four random
/// words as a pure function of a key and a counter.
std::array<std::uint32_t, 4> philox(std::uint64_t key, std::uint64_t counter_high,
                                    std::uint64_t counter_low);

///@{ Its constants
inline constexpr int kPhiloxRounds = 10;
inline constexpr std::uint64_t kPhiloxMultiplier0 = 0xD2511F53;
inline constexpr std::uint64_t kPhiloxMultiplier1 = 0xCD9E8D57;
inline constexpr std::uint32_t kPhiloxWeyl0 = 0x9E3779B9;  // the golden ratio
inline constexpr std::uint32_t kPhiloxWeyl1 = 0xBB67AE85;  // sqrt(3) - 1
///@}

/// A stream of random numbers that depends only on seed and position, never on threads. A tensor of
/// n elements gets the same numbers however the work is divided.
class Generator {
 public:
  /// Starts after `position` draws.
  explicit Generator(std::uint64_t seed, std::uint64_t position = 0)
      : seed_(seed), position_(position) {}

  /// The seed it was constructed with.
  std::uint64_t seed() const { return seed_; }
  /// The number of draws so far; together with the seed, this is the whole state.
  std::uint64_t position() const { return position_; }
  /// Advances to the next position: the caller draws from `philox(seed, position, 0..n)`.
  std::uint64_t advance() { return position_++; }

  /// 64 random bits.
  std::uint64_t bits();
  /// Uniform in [0, 1).
  double uniform();
  /// Uniform in [0, n). Throws Error unless n is in [1, 2^32].
  std::int64_t integer(std::int64_t n);

 private:
  std::uint64_t seed_;
  std::uint64_t position_;
};

/// The generator that initializers, dropout and samplers use by default: the one set by a
/// GeneratorGuard of this thread, or else the global one. The latter is shared by all threads and
/// has no lock: threads that draw concurrently need guards of their own.
Generator& default_generator();
/// Reseeds the default generator.
void manual_seed(std::uint64_t seed);

/// Makes a generator the default of this thread for the guard's lifetime:
///
///     Generator generator(seed);
///     const GeneratorGuard guard(generator);
///     auto model = make_model(config);  // its parameters are drawn from `generator`
///
/// Guards nest: the innermost one counts, and they end in reverse order. Other threads are not
/// affected; the threads of the kernels never draw. Two threads must not use the same generator
/// concurrently.
class GeneratorGuard {
 public:
  /// `generator` must outlive the guard.
  explicit GeneratorGuard(Generator& generator);
  ~GeneratorGuard();
  GeneratorGuard(const GeneratorGuard&) = delete;
  GeneratorGuard& operator=(const GeneratorGuard&) = delete;

 private:
  Generator* outer_;
};

/// Uniform in [low, high). Throws Error unless low <= high, both finite.
Tensor rand(const Shape& shape, double low, double high, Generator& generator,
            DType dtype = DType::float32);
/// Normal with mean 0 and standard deviation 1.
Tensor randn(const Shape& shape, Generator& generator, DType dtype = DType::float32);

}  // namespace weft
