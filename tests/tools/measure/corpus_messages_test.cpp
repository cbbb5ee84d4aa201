#include "tools/measure/corpus_messages.hpp"

#include "tests/catch.hpp"

namespace weft::tools {
namespace {

using Lines = std::vector<std::string>;

CorporaReport report(const Corpora& corpora) {
  const data::Tokenizer tokenizer;
  return report_corpora(corpora, data::tokenize(corpora.train, tokenizer, tokenizer),
                        data::tokenize(corpora.valid, tokenizer, tokenizer));
}

TEST_CASE("corpus report: the table is aligned") {
  CorporaReport small = report({{{"a b", "c"}, {"d e f", "c c"}}, {{"a x", "c"}}});
  small.valid_unknown = {0.5, 0};
  REQUIRE(
      size_table(small) ==
      Lines{
          "                   pairs      tokens  distinct   mean median   95 % longest  unknown",
          "train  source          2           5         5    2.5      2      3       3    0.0 %",
          "       target                      3         1    1.5      1      2       2    0.0 %",
          "valid  source          1           2         2    2.0      2      2       2   50.0 %",
          "       target                      1         1    1.0      1      1       1    0.0 %"});
  small.valid.reset();
  small.train.source.tokens = 123456789;
  const Lines table = size_table(small);
  REQUIRE(table.size() == 3);
  REQUIRE(table[1].size() == table[0].size());
}

TEST_CASE("corpus report: nothing is said where nothing is wrong") {
  REQUIRE(warnings(report({{{"a b", "c d"}, {"d e f", "c c c"}}, {{"x", "y"}}}),
                   data::Normalization::none)
              .empty());
}

TEST_CASE("corpus report: each defect has its line") {
  CorporaReport bad = report({{{"a", "b"}, {"a", ""}, {"a", "b"}, {"c", "c"}, {"\x01", "\uFFFD"}},
                              {{"a", "b"}, {"", ""}, {"e\u0301", "f"}}});
  bad.train.misaligned = {7, {9, 8, 7}};
  bad.valid_unknown = {0.05, 0.258};
  bad.valid_long = {1, {3}};
  bad.cut_words = {1, {2}};
  const std::string misaligned =
      "warning: train: 7 pairs look misaligned, judging by their lengths; worst first: lines 9, 8, "
      "7, ...";
  const std::string unknown =
      "warning: valid: 26 % of the target tokens are unknown; hint: a larger --vocab-size, a "
      "smaller --min-freq or, for words, --tokenizer char";
  const std::string long_word =
      "warning: train: 1 pair has a word of more than 4,096 characters, learnt in pieces: line 2";
  const std::string overlap =
      "warning: valid: 1 source also occurs in the training data: line 1; 1 with the same target";
  REQUIRE(warnings(bad, data::Normalization::none) ==
          Lines{"warning: train: 1 pair skipped: empty side: line 2",
                "warning: train: 1 duplicate pair: line 3",
                "warning: train: 1 pair has the same text on both sides: line 4", misaligned,
                "warning: train: 1 line contains control characters: line 5",
                "warning: train: 1 line contains U+FFFD (replacement characters): line 5",
                long_word, "warning: valid: 1 pair skipped: empty side: line 2",
                "warning: valid: 1 line is not in NFC: line 3; hint: --normalize nfc", unknown,
                "warning: valid: 1 pair too long, excluded from the loss: line 3", overlap});
  REQUIRE(warnings(bad, data::Normalization::nfc).size() == 11);  // nfc fixes one of them
}

}  // namespace
}  // namespace weft::tools
