#include "data/scores/bleu.hpp"

#include <cmath>
#include <string>

#include "autograd/version.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

using Lines = std::vector<std::string>;

BleuScore score(const Lines& hypotheses, const Lines& references,
                BleuTokenization tokenization = BleuTokenization::none) {
  return corpus_bleu(hypotheses, references, tokenization);
}

TEST_CASE("bleu: the geometric mean of the precisions") {
  const BleuScore s = score({"the cat sat on the mat"}, {"the cat sat on a mat"});
  REQUIRE(s.precisions[0] == Approx(100.0 * 5 / 6));  // "the" counts once: clipped
  REQUIRE(s.precisions[1] == Approx(100.0 * 3 / 5));
  REQUIRE(s.precisions[2] == Approx(100.0 * 2 / 4));
  REQUIRE(s.precisions[3] == Approx(100.0 * 1 / 3));
  REQUIRE(s.brevity_penalty == 1);
  REQUIRE(s.bleu == Approx(100 * std::pow(1.0 / 12, 0.25)));
}

TEST_CASE("bleu: a perfect translation scores 100") {
  REQUIRE(score({"a b c d", "e"}, {"a b c d", "e"}).bleu == Approx(100));
}

TEST_CASE("bleu: a short translation is penalized, a long one is not") {
  const BleuScore s = score({"a b c d"}, {"a b c d e"});
  REQUIRE(s.brevity_penalty == Approx(std::exp(1 - 5.0 / 4)));
  REQUIRE(s.bleu == Approx(100 * std::exp(1 - 5.0 / 4)));
  REQUIRE(s.hypothesis_length == 4);
  REQUIRE(s.reference_length == 5);
  REQUIRE(score({"a b c d e f"}, {"a b c d e"}).brevity_penalty == 1);
}

TEST_CASE("bleu: orders without a match count as 1/2, then 1/4 of one") {
  const BleuScore s = score({"a b c d"}, {"a b x d"});
  REQUIRE(s.precisions[1] == Approx(100.0 / 3));
  REQUIRE(s.precisions[2] == Approx(100.0 / 2 / 2));
  REQUIRE(s.precisions[3] == Approx(100.0 / 4 / 1));
  REQUIRE(s.bleu == Approx(100 * std::pow(1.0 / 64, 0.25)));
}

TEST_CASE("bleu: no 4-gram or no match at all scores 0") {
  REQUIRE(score({"a b c"}, {"a b c"}).bleu == 0);  // sacreBLEU's "no effective order"
  REQUIRE(score({"a b c d"}, {"w x y z"}).bleu == 0);
  REQUIRE(score({""}, {"w x y z"}).bleu == 0);
  REQUIRE(score({""}, {""}).bleu == 0);
}

TEST_CASE("bleu: counts are summed over the corpus, not scores averaged") {
  const BleuScore s = score({"a b c d", "x"}, {"a b c d", "y"});
  REQUIRE(s.precisions[0] == Approx(80));
  REQUIRE(s.precisions[1] == Approx(100));
  REQUIRE(s.bleu == Approx(100 * std::pow(0.8, 0.25)));
}

TEST_CASE("bleu: the tokenization decides what a word is, the signature says which") {
  const Lines hypotheses = {"He said: no, never."};
  const Lines references = {"He said : no , never ."};
  REQUIRE(score(hypotheses, references).bleu < 50);
  const BleuScore s = score(hypotheses, references, BleuTokenization::v13a);
  REQUIRE(s.bleu == Approx(100));
  REQUIRE(s.signature ==
          "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:weft-" + std::string(version()));
}

TEST_CASE("bleu: upper and lower case are one if asked for, and the signature says so") {
  const Lines hypotheses = {"The CAT sat down"};
  const Lines references = {"the cat sat down"};
  REQUIRE(score(hypotheses, references).bleu < 100);
  const BleuScore s =
      corpus_bleu(hypotheses, references, BleuTokenization::none, LetterCase::lower);
  REQUIRE(s.bleu == Approx(100));
  REQUIRE(s.signature ==
          "nrefs:1|case:lc|eff:no|tok:none|smooth:exp|version:weft-" + std::string(version()));
}

TEST_CASE("bleu: an interval is that of resampled sentences") {
  const Lines same = {"a b c d", "a b c d"};
  const Interval narrow = bleu_interval(same, same, BleuTokenization::none, LetterCase::mixed, {});
  REQUIRE(narrow.low == Approx(100));
  REQUIRE(narrow.high == Approx(100));
  const Lines mixed = {"a b c d", "w x y z"};  // one sentence right, one wrong
  const Interval wide = bleu_interval(mixed, same, BleuTokenization::none, LetterCase::mixed, {});
  REQUIRE(wide.low == 0);
  REQUIRE(wide.high == Approx(100));
}

TEST_CASE("bleu: hypotheses and references must come in pairs") {
  REQUIRE_THROWS_WITH(
      score({"a"}, {"a", "b"}),
      "bleu: numbers of hypotheses and references differ; got 1 hypotheses and 2 references");
  REQUIRE_THROWS_WITH(
      score({}, {}),
      "bleu: numbers of hypotheses and references differ; got 0 hypotheses and 0 references");
  REQUIRE_THROWS_WITH(exact_match(Lines{"a"}, Lines{}),
                      "exact match: numbers of hypotheses and references differ; got 1 hypotheses "
                      "and 0 references");
}

TEST_CASE("bleu: exact match is the share of equal lines") {
  REQUIRE(exact_match(Lines{"a b", "c", "", "x "}, Lines{"a b", "d", "", "x"}) == 0.5);
}

}  // namespace
}  // namespace weft::data
