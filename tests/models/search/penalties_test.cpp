#include "models/search/penalties.hpp"

#include <cmath>

#include "tests/catch.hpp"

namespace weft::models {
namespace {

TEST_CASE("scores by hand: log p over the length to the power a, or over GNMT's lp") {
  CHECK(length_score({.length_penalty = 1}, -6, 3) == Approx(-2));
  CHECK(length_score({.length_penalty = 0}, -6, 3) == Approx(-6));
  CHECK(length_score({.length_penalty = 2}, -18, 3) == Approx(-2));
  const DecodeOptions gnmt{.length_penalty = 0.5, .length_norm = LengthNorm::gnmt};
  CHECK(length_score(gnmt, -6, 1) == Approx(-6));   // lp(1) = 1
  CHECK(length_score(gnmt, -6, 19) == Approx(-3));  // (24 / 6)^0.5
}

TEST_CASE("coverage by hand: beta times the logarithms of what each source word got, at most 1") {
  const std::vector<std::vector<float>> attention = {{0.5F, 0.25F, 0}, {0.75F, 0.25F, 0}};
  CHECK(coverage({.coverage_penalty = 0.2}, attention) ==
        Approx(0.2 * (std::log(1.0) + std::log(0.5) + std::log(1e-6))));
  CHECK(coverage({}, attention) == 0);
  CHECK(coverage({.coverage_penalty = 1}, {}) == 0);
}

TEST_CASE("no hypothesis reaches more than its bound") {
  for (const LengthNorm norm : {LengthNorm::average, LengthNorm::gnmt}) {
    for (const double a : {-2.0, -0.5, 0.0, 0.6, 1.0, 3.0}) {
      const DecodeOptions options{.length_penalty = a, .length_norm = norm};
      for (std::int64_t n = 4; n <= 9; ++n) {
        for (const double fall : {0.0, 0.1, 2.0}) {
          CHECK(length_score(options, -1.5 - fall, n) <= score_bound(options, -1.5, 3, 9));
        }
      }
    }
  }
}

}  // namespace
}  // namespace weft::models
