#include "data/corpus_report.hpp"

#include <fmt/format.h>

#include <cmath>

#include "tests/catch.hpp"

namespace weft::data {
namespace {

using Lines = std::vector<std::int64_t>;
using Texts = std::vector<TextPair>;

CorpusReport report(const Texts& text, const TokenizerConfig& config = {}) {
  return report_corpus(text, tokenize(text, Tokenizer(config), Tokenizer(config)));
}

/// Pairs without defects: all are different, and a target is a little longer than its source.
Texts clean(std::size_t pairs) {
  Texts text;
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::string number = fmt::format("{}", 1000 + i);
    text.push_back({"the number is " + number, "le nombre est " + number + (i % 2 ? " ." : "")});
  }
  return text;
}

/// Every finding of a report.
std::vector<Findings> findings(const CorpusReport& report) {
  return {report.empty,   report.repeated,    report.copied,      report.misaligned,
          report.control, report.replacement, report.unnormalized};
}

TEST_CASE("corpus report: a clean corpus has no findings") {
  for (const Findings& finding : findings(report(clean(100)))) {
    REQUIRE(finding == Findings{});
  }
}

TEST_CASE("corpus report: sizes and lengths") {
  Texts text;
  for (std::size_t length = 1; length <= 100; ++length) {  // 1 to 100 words
    std::string words;
    for (std::size_t i = 0; i < length; ++i) {
      words += "a ";
    }
    text.push_back({words, "b c"});
  }
  const CorpusReport result = report(text);
  REQUIRE(result.pairs == 100);
  REQUIRE(result.source.tokens == 5050);
  REQUIRE(result.source.types == 1);
  REQUIRE(result.source.lengths.mean == 50.5);
  REQUIRE(result.source.lengths.median == 50);
  REQUIRE(result.source.lengths.percentile95 == 95);
  REQUIRE(result.source.lengths.longest == 100);
  REQUIRE(result.target.tokens == 200);
  REQUIRE(result.target.types == 2);
  REQUIRE(result.target.lengths.percentile95 == 2);
  REQUIRE(report({}).source.lengths.longest == 0);
}

TEST_CASE("corpus report: each defect is found at its line") {
  Texts text = clean(60);
  text[2].target = " \t";
  text[4].source = "";
  text[10] = text[7];
  text[11] = text[7];
  text[20].target = text[20].source;
  text[30].target = "non";
  text[31].source = "well , this is a very long line that somebody put beside another sentence";
  text[40].source += "\x01";
  text[41].target += "\u0085";
  text[42].target += "\x7F";
  text[50].source += "\uFFFD";
  text[51].target = "le nombre e\u0301tait 1051";

  const CorpusReport result = report(text);
  REQUIRE(result.empty == Findings{2, {3, 5}});
  REQUIRE(result.repeated == Findings{2, {11, 12}});
  REQUIRE(result.copied == Findings{1, {21}});
  REQUIRE(result.misaligned.lines == Lines{32, 31});  // the worst first
  REQUIRE(result.control == Findings{3, {41, 42, 43}});
  REQUIRE(result.replacement == Findings{1, {51}});
  REQUIRE(result.unnormalized == Findings{1, {52}});
}

TEST_CASE("corpus report: a finding names a few lines and counts all") {
  Texts text = clean(3);
  for (int i = 0; i < 20; ++i) {
    text.push_back({"a", ""});
  }
  REQUIRE(report(text).empty == Findings{20, {4, 5, 6, 7, 8}});
  REQUIRE(report(text).repeated == Findings{});  // one finding per line is enough
}

TEST_CASE("corpus report: what is fine is not suspicious") {
  const Texts text = {{"a\u00A0b \u4E2D", "\u0E01\u0E49 \u00E9"},  // C2 A0, and Thai with its marks
                      {"\U0001F469\u200D\U0001F467", "\uD55C"}};
  const CorpusReport result = report(text);
  REQUIRE(result.control.count == 0);
  REQUIRE(result.replacement.count == 0);
  REQUIRE(result.unnormalized.count == 0);
}

TEST_CASE("corpus report: lengths deviate in both directions alike, in characters") {
  Texts text = clean(50);
  text.push_back({"\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9", "eeeeeeee"});
  text.push_back({"abc", ""});
  const std::vector<double> deviations = length_deviations(text);
  REQUIRE(std::abs(deviations[50]) < 1);  // the same number of characters, twice as many bytes
  REQUIRE(deviations[51] == 0);
  REQUIRE(length_deviations({}).empty());
  REQUIRE(length_deviations(Texts{{"", ""}}) == std::vector<double>{0});

  const Texts one_way = {{"aaaaaaaaaa", "bbbbbbbbbb"}, {"aaaa", "bbbbbbbb"}, {"aaaaaaaa", "bbbb"}};
  const std::vector<double> mirrored = length_deviations(one_way);
  REQUIRE(mirrored[1] > 0);
  REQUIRE(mirrored[1] == -mirrored[2]);
}

TEST_CASE("corpus report: test pairs that training has too") {
  const Texts train = {{"a", "b"}, {"c", "d"}, {"e", "f"}, {"e", "g"}, {"", "x"}};
  const Texts test = {{"z", "b"}, {"c", "other"}, {"e", "g"}, {"a", "b"}, {"a", "b"}, {"", "x"}};
  const Overlap overlap = find_overlap(train, test);
  REQUIRE(overlap.sources == Findings{4, {2, 3, 4, 5}});
  REQUIRE(overlap.pairs == Findings{3, {3, 4, 5}});
  REQUIRE(find_overlap(train, {}).sources == Findings{});
}

TEST_CASE("corpus report: pairs with a long side") {
  const std::vector<TokenPair> tokens = {{{"a"}, {"b", "c"}}, {{"a", "b", "c"}, {}}, {{}, {}}};
  REQUIRE(find_long(tokens, 1) == Findings{2, {1, 2}});
  REQUIRE(find_long(tokens, 2) == Findings{1, {2}});
  REQUIRE(find_long(tokens, 0) == Findings{});
}

TEST_CASE("corpus report: the share of unknown words") {
  const std::vector<SentencePair> corpus = {{{4, kUnk, 5, kUnk}, {kUnk}}, {{4, 4, 4, 4}, {4}}};
  REQUIRE(unknown_share(corpus).source == 0.25);
  REQUIRE(unknown_share(corpus).target == 0.5);
  REQUIRE(unknown_share({}).source == 0);
}

}  // namespace
}  // namespace weft::data
