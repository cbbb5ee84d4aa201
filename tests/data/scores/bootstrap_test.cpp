#include "data/scores/bootstrap.hpp"

#include <cmath>

#include "tests/catch.hpp"

namespace weft::data {
namespace {

/// The share of 1-grams that match, in percent.
double precision(const NGramTable& counts) {
  return 100 * static_cast<double>(counts[0].matches) / static_cast<double>(counts[0].hypothesis);
}

/// Sentences of one word each, `right` of which match.
std::vector<NGramTable> sentences(std::int64_t count, std::int64_t right) {
  std::vector<NGramTable> tables;
  for (std::int64_t i = 0; i < count; ++i) {
    tables.push_back({{1, 1, i < right ? 1 : 0}});
  }
  return tables;
}

TEST_CASE("bootstrap: the interval of a share is that of the binomial distribution") {
  const Interval interval = bootstrap_interval(sentences(400, 240), precision, {4000, 7});
  const double deviation = 100 * std::sqrt(0.6 * 0.4 / 400);
  REQUIRE(interval.low == Approx(60 - 1.96 * deviation).margin(0.4));
  REQUIRE(interval.high == Approx(60 + 1.96 * deviation).margin(0.4));
}

TEST_CASE("bootstrap: the seed determines the interval") {
  const auto interval = [](std::uint64_t seed) {
    return bootstrap_interval(sentences(100, 37), precision, {200, seed});
  };
  REQUIRE(interval(3).low == interval(3).low);
  REQUIRE(interval(3).high == interval(3).high);
  REQUIRE((interval(3).low != interval(4).low || interval(3).high != interval(4).high));
}

TEST_CASE("bootstrap: a fortieth of the resamples is left out at each end") {
  double next = 0;
  const auto counter = [&next](const NGramTable&) { return next++; };
  const Interval forty = bootstrap_interval(sentences(1, 1), counter, {40, 1});
  REQUIRE(forty.low == 1);
  REQUIRE(forty.high == 38);
  next = 0;
  const Interval fewer = bootstrap_interval(sentences(1, 1), counter, {39, 1});
  REQUIRE(fewer.low == 0);
  REQUIRE(fewer.high == 38);
}

TEST_CASE("bootstrap: there must be something to draw") {
  REQUIRE_THROWS_WITH(bootstrap_interval({}, precision, {10, 1}),
                      "bootstrap: nothing to resample; got 10 resamples of 0 sentences");
  REQUIRE_THROWS_WITH(bootstrap_interval(sentences(2, 1), precision, {0, 1}),
                      "bootstrap: nothing to resample; got 0 resamples of 2 sentences");
}

}  // namespace
}  // namespace weft::data
