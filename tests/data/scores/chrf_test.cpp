#include "data/scores/chrf.hpp"

#include <string>
#include <vector>

#include "autograd/version.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

using Lines = std::vector<std::string>;

double score(const Lines& hypotheses, const Lines& references) {
  return corpus_chrf(hypotheses, references).chrf;
}

TEST_CASE("chrf: an F-score of mean precision and mean recall, recall counting twice") {
  // Of the n-grams of a b c x, three 1-grams match, two 2-grams and one 3-gram, and as many of
  // those of a b c d e f. The hypothesis has no 5-gram.
  const double P = (3.0 / 4 + 2.0 / 3 + 1.0 / 2 + 0.0 / 1) / 4;
  const double R = (3.0 / 6 + 2.0 / 5 + 1.0 / 4 + 0.0 / 3) / 4;
  REQUIRE(score({"abcx"}, {"abcdef"}) == Approx(100 * 5 * P * R / (4 * P + R)));
}

TEST_CASE("chrf: white space does not count, combining marks do") {
  REQUIRE(score({" a b\u3000c "}, {"abc"}) == Approx(100));
  REQUIRE(score({"e\u0301"}, {"e"}) == Approx(100 * 5 * 0.5 * 1 / (4 * 0.5 + 1)));
}

TEST_CASE("chrf: a perfect translation scores 100, however short, and one without a match 0") {
  REQUIRE(score({"a", "bc"}, {"a", "bc"}) == Approx(100));
  REQUIRE(score({"abc"}, {"xyz"}) == 0);
  REQUIRE(score({""}, {"abc"}) == 0);
  REQUIRE(score({"abc"}, {""}) == 0);
  REQUIRE(score({""}, {""}) == 0);
}

TEST_CASE("chrf: counts are summed over the corpus") {
  const double P = (3.0 / 4 + 1.0 / 2) / 2;
  REQUIRE(score({"ab", "ax"}, {"ab", "ay"}) == Approx(100 * P));
}

TEST_CASE("chrf: n-grams of orders that a sentence's reference lacks do not count") {
  // The 2-gram of the second hypothesis has no counterpart, for its reference has no 2-gram.
  REQUIRE(score({"ab", "cd"}, {"ab", "c"}) ==
          Approx(100 * 5 * (0.5 * (3.0 / 4 + 1)) / (4 * (0.5 * (3.0 / 4 + 1)) + 1)));
}

TEST_CASE("chrf: upper and lower case are one if asked for, and the signature says so") {
  const Lines hypotheses = {"ABC"};
  const Lines references = {"abc"};
  REQUIRE(score(hypotheses, references) == 0);
  REQUIRE(corpus_chrf(hypotheses, references).signature ==
          "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:weft-" + std::string(version()));
  const ChrfScore lower = corpus_chrf(hypotheses, references, LetterCase::lower);
  REQUIRE(lower.chrf == Approx(100));
  REQUIRE(lower.signature ==
          "nrefs:1|case:lc|eff:yes|nc:6|nw:0|space:no|version:weft-" + std::string(version()));
}

TEST_CASE("chrf: an interval is that of resampled sentences") {
  const Interval interval =
      chrf_interval(Lines{"abc", "xyz"}, Lines{"abc", "abc"}, LetterCase::mixed, {});
  REQUIRE(interval.low == 0);
  REQUIRE(interval.high == Approx(100));
}

TEST_CASE("chrf: hypotheses and references must come in pairs") {
  REQUIRE_THROWS_WITH(
      score({"a"}, {}),
      "chrf: numbers of hypotheses and references differ; got 1 hypotheses and 0 references");
}

}  // namespace
}  // namespace weft::data
