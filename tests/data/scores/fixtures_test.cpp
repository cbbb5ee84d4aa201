// BLEU and chrF equal sacreBLEU's: fixtures/scores holds texts in many languages and the scores
// that make_score_fixtures.py computes for them.

#include <fstream>
#include <sstream>

#include "data/scores/bleu.hpp"
#include "data/scores/chrf.hpp"
#include "data/text/line_reader.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

const std::string kFolder = WEFT_TESTS_DIR "/fixtures/scores/";

std::vector<std::string> read_lines(const std::string& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) {
    lines.push_back(line);
  }
  return lines;
}

/// A line of expected.txt.
struct Expected {
  std::string text;
  std::string tokenizer;
  std::string letter_case;
  double bleu = 0;
  double chrf = 0;
};

std::vector<Expected> read_expected() {
  std::vector<Expected> all;
  for (const std::string& line : read_lines(kFolder + "expected.txt")) {
    std::istringstream fields(line);
    Expected expected;
    if (!line.starts_with('#') && fields >> expected.text >> expected.tokenizer >>
                                      expected.letter_case >> expected.bleu >> expected.chrf) {
      all.push_back(expected);
    }
  }
  return all;
}

TEST_CASE("scores equal sacreBLEU's in every tokenization and either case") {
  const std::vector<Expected> all = read_expected();
  REQUIRE(all.size() == 3 * 5 * 2);
  for (const Expected& expected : all) {
    INFO(expected.text << " " << expected.tokenizer << " " << expected.letter_case);
    const auto hypotheses = read_lines(kFolder + expected.text + ".hyp");
    const auto references = read_lines(kFolder + expected.text + ".ref");
    const auto letter_case = expected.letter_case == "lc" ? LetterCase::lower : LetterCase::mixed;
    const auto tokenization = named<BleuTokenization>(expected.tokenizer);
    const BleuScore bleu = corpus_bleu(hypotheses, references, tokenization, letter_case);
    CHECK(bleu.bleu == Approx(expected.bleu).epsilon(0).margin(1e-5));
    CHECK(corpus_chrf(hypotheses, references, letter_case).chrf ==
          Approx(expected.chrf).epsilon(0).margin(1e-5));
  }
}

TEST_CASE("an interval contains the score of a text") {
  const auto hypotheses = read_lines(kFolder + "european.hyp");
  const auto references = read_lines(kFolder + "european.ref");
  const double chrf = corpus_chrf(hypotheses, references).chrf;
  const Interval interval = chrf_interval(hypotheses, references, LetterCase::mixed, {});
  CHECK(interval.low < chrf);
  CHECK(chrf < interval.high);
}

}  // namespace
}  // namespace weft::data
