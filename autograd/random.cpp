#include "autograd/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weft {
namespace {

constexpr double kTwoToMinus53 = 0x1.0p-53;
constexpr std::int64_t kMaxRange = std::int64_t{1} << 32;  // far below 53 bits: no visible bias

thread_local Generator* of_thread = nullptr;  // set by the innermost guard

/// 53 random bits as a number in [0, 1).
double unit(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = (std::uint64_t{high} << 32) | low;
  return static_cast<double>(bits >> 11) * kTwoToMinus53;
}

/// Fills a fresh tensor: elements (2i, 2i + 1) are made from the words of counter i.
template <class F>
Tensor fill(const Shape& shape, Generator& generator, DType dtype, F&& pair) {
  Tensor result = empty(shape, dtype);
  const std::uint64_t position = generator.advance();
  dispatch_floating("random", dtype, [&]<class T>() {
    const std::span<T> out = result.mutable_data<T>();
    for (std::size_t i = 0; i < out.size(); i += 2) {
      const auto words = philox(generator.seed(), position, i / 2);
      const auto [first, second] = pair(unit(words[0], words[1]), unit(words[2], words[3]));
      out[i] = static_cast<T>(first);
      if (i + 1 < out.size()) {
        out[i + 1] = static_cast<T>(second);
      }
    }
  });
  return result;
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::uint64_t key, std::uint64_t counter_high,
                                    std::uint64_t counter_low) {
  auto key0 = static_cast<std::uint32_t>(key);
  auto key1 = static_cast<std::uint32_t>(key >> 32);
  std::array<std::uint32_t, 4> x = {
      static_cast<std::uint32_t>(counter_low), static_cast<std::uint32_t>(counter_low >> 32),
      static_cast<std::uint32_t>(counter_high), static_cast<std::uint32_t>(counter_high >> 32)};
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const std::uint64_t product0 = kPhiloxMultiplier0 * x[0];
    const std::uint64_t product1 = kPhiloxMultiplier1 * x[2];
    x = {static_cast<std::uint32_t>(product1 >> 32) ^ x[1] ^ key0,
         static_cast<std::uint32_t>(product1),
         static_cast<std::uint32_t>(product0 >> 32) ^ x[3] ^ key1,
         static_cast<std::uint32_t>(product0)};
    key0 += kPhiloxWeyl0;
    key1 += kPhiloxWeyl1;
  }
  return x;
}

std::uint64_t Generator::bits() {
  const auto words = philox(seed_, advance(), 0);
  return (std::uint64_t{words[0]} << 32) | words[1];
}

double Generator::uniform() { return static_cast<double>(bits() >> 11) * kTwoToMinus53; }

std::int64_t Generator::integer(std::int64_t n) {
  if (n <= 0 || n > kMaxRange) {
    fail("Generator::integer: n out of range; got {}; expected [1, {}]", n, kMaxRange);
  }
  return static_cast<std::int64_t>(uniform() * static_cast<double>(n));
}

Generator& default_generator() {
  static Generator of_program(0);
  return of_thread != nullptr ? *of_thread : of_program;
}

GeneratorGuard::GeneratorGuard(Generator& generator) : outer_(of_thread) { of_thread = &generator; }

GeneratorGuard::~GeneratorGuard() { of_thread = outer_; }

void manual_seed(std::uint64_t seed) { default_generator() = Generator(seed); }

Tensor rand(const Shape& shape, double low, double high, Generator& generator, DType dtype) {
  if (!(low <= high && std::isfinite(high - low))) {
    fail("rand: bounds out of order or not finite; got [{}, {})", low, high);
  }
  // The largest number of the dtype below `high`; a value just below `high` might be rounded to
  // `high`.
  const double last = dtype == DType::float32
                          ? std::nextafter(static_cast<float>(high), static_cast<float>(low))
                          : std::nextafter(high, low);
  const auto within = [&](double u) { return std::min(low + u * (high - low), last); };
  return fill(shape, generator, dtype, [&](double u, double v) {
    return std::pair{within(u), within(v)};
  });
}

Tensor randn(const Shape& shape, Generator& generator, DType dtype) {
  // Box and Muller 1958; 1 - u is in (0, 1], where the logarithm is finite.
  return fill(shape, generator, dtype, [](double u, double v) {
    const double radius = std::sqrt(-2 * std::log(1 - u));
    const double angle = 2 * std::numbers::pi * v;
    return std::pair{radius * std::cos(angle), radius * std::sin(angle)};
  });
}

}  // namespace weft
