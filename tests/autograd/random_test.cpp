#include "autograd/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>

#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Known answers of Philox4x32-10, from the file kat_vectors of Random123.
TEST_CASE("philox gives the known answers") {
  CHECK(philox(0, 0, 0) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint64_t all = ~std::uint64_t{0};
  CHECK(philox(all, all, all) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  // The digits of pi: counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0.
  CHECK(philox(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("seed and position are the whole state of a generator") {
  Generator generator(3);
  generator.bits();
  const Tensor skipped = randn({5}, generator);
  CHECK(generator.position() == 2);
  Generator resumed(generator.seed(), generator.position());
  CHECK(resumed.bits() == generator.bits());
  Generator other(4);
  other.bits();
  CHECK_FALSE(identical(skipped, randn({5}, other)));
}

TEST_CASE("one draw takes one position, whatever its size") {
  Generator small(1);
  Generator large(1);
  const Tensor x = rand({3}, 0, 1, small);
  const Tensor y = rand({1000}, 0, 1, large);
  CHECK(x.to_vector<float>()[2] == y.to_vector<float>()[2]);
  CHECK(small.position() == large.position());
}

TEST_CASE("a guard makes a generator the default one of its thread, until it ends") {
  manual_seed(5);
  const std::uint64_t drawn = default_generator().position();
  Generator own(7);
  {
    const GeneratorGuard guard(own);
    default_generator().bits();
    Generator inner(8);
    {
      const GeneratorGuard nested(inner);
      default_generator().bits();
      default_generator().bits();
    }
    default_generator().bits();
    CHECK(inner.position() == 2);
    std::uint64_t seed_elsewhere = 0;
    std::thread([&] { seed_elsewhere = default_generator().seed(); }).join();
    CHECK(seed_elsewhere == 5);
  }
  CHECK(own.position() == 2);
  CHECK(default_generator().seed() == 5);
  CHECK(default_generator().position() == drawn);
}

TEST_CASE("manual_seed restarts the default generator") {
  manual_seed(5);
  const Tensor first = randn({4}, default_generator());
  manual_seed(5);
  CHECK(identical(randn({4}, default_generator()), first));
}

TEST_CASE("uniform numbers fill their range evenly") {
  Generator generator(0);
  const std::vector<double> x =
      rand({100000}, -2, 4, generator, DType::float64).to_vector<double>();
  CHECK(*std::ranges::min_element(x) >= -2);
  CHECK(*std::ranges::max_element(x) < 4);
  std::array<int, 6> counts{};
  for (const double value : x) {
    ++counts[static_cast<std::size_t>(std::floor(value) + 2)];
  }
  for (const int count : counts) {  // 16667 +- 118, binomial
    CHECK(std::abs(count - 16667) < 5 * 118);
  }
}

// Position 50893511 of seed 0 has a first draw so close to 1 that the nearest float is 1.
TEST_CASE("uniform floats stay below the upper end") {
  Generator generator(0, 50893511);
  CHECK(rand({1}, 0, 1, generator).item() < 1);
}

TEST_CASE("normal numbers have the moments of a normal distribution") {
  Generator generator(0);
  const std::vector<double> x = randn({100000}, generator, DType::float64).to_vector<double>();
  const auto n = static_cast<double>(x.size());
  const auto moment = [&](int power) {
    return std::accumulate(x.begin(), x.end(), 0.0,
                           [=](double sum, double v) { return sum + std::pow(v, power); }) /
           n;
  };
  CHECK(std::abs(moment(1)) < 5 * std::sqrt(1 / n));
  CHECK(std::abs(moment(2) - 1) < 5 * std::sqrt(2 / n));
  CHECK(std::abs(moment(3)) < 5 * std::sqrt(15 / n));
  CHECK(std::abs(moment(4) - 3) < 5 * std::sqrt(96 / n));
}

TEST_CASE("integers stay in their range") {
  Generator generator(0);
  std::array<int, 3> counts{};
  for (int i = 0; i < 3000; ++i) {
    ++counts.at(static_cast<std::size_t>(generator.integer(3)));
  }
  CHECK(std::ranges::min(counts) > 850);
  CHECK(generator.integer(1) == 0);
  CHECK_THROWS_WITH(generator.integer(0),
                    "Generator::integer: n out of range; got 0; expected [1, 4294967296]");
  CHECK_THROWS_AS(generator.integer((std::int64_t{1} << 32) + 1), Error);
}

TEST_CASE("bounds of a uniform distribution are finite and in order") {
  Generator generator(1);
  CHECK_THROWS_WITH(rand({2}, 1, -1, generator),
                    "rand: bounds out of order or not finite; got [1, -1)");
  CHECK_THROWS_AS(rand({2}, 0, std::numeric_limits<double>::infinity(), generator), Error);
}

TEST_CASE("random tensors do not depend on the number of threads") {
  testing::check_same_bits_with_any_threads([] {
    Generator generator(1);
    return randn({100001}, generator);
  });
}

}  // namespace
}  // namespace weft
