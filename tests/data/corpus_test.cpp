#include "data/corpus.hpp"

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"

namespace weft::data {
namespace {

using Texts = std::vector<TextPair>;
using Pairs = std::vector<TokenPair>;

TEST_CASE("corpus: TSV has source, TAB, target on a line") {
  const TemporaryFolder folder;
  const std::string path = folder.write("train.tsv", "a cat\tun chat\r\n\tvide\nlast\t");
  REQUIRE(read_tsv(path) == Texts{{"a cat", "un chat"}, {"", "vide"}, {"last", ""}});
}

TEST_CASE("corpus: a TSV line with another number of TABs is refused") {
  const TemporaryFolder folder;
  const std::string none = folder.write("none.tsv", "a\tb\n\nc\td\n");
  REQUIRE_THROWS_WITH(read_tsv(none), none +
                                          ":2: wrong number of columns; got 0 TAB characters; "
                                          "expected source TAB target");
  const std::string two = folder.write("two.tsv", "a\tb\tc\n");
  REQUIRE_THROWS_WITH(read_tsv(two), two +
                                         ":1: wrong number of columns; got 2 TAB characters; "
                                         "expected source TAB target");
}

TEST_CASE("corpus: parallel files pair their lines") {
  const TemporaryFolder folder;
  const std::string english = folder.write("en", "one\n\nthree");
  const std::string french = folder.write("fr", "un\ndeux\ntrois\n");
  REQUIRE(read_parallel(english, french) == Texts{{"one", "un"}, {"", "deux"}, {"three", "trois"}});
}

TEST_CASE("corpus: parallel files of different lengths are refused, both ways") {
  const TemporaryFolder folder;
  const std::string two = folder.write("two", "1\n2\n");
  const std::string four = folder.write("four", "1\n2\n3\n4\n");
  const std::string expected =
      four + " and " + two + ": numbers of lines differ; got 4 and 2; the first unpaired line is " +
      four + ":3";
  REQUIRE_THROWS_WITH(read_parallel(two, four), expected);
  REQUIRE_THROWS_WITH(read_parallel(four, two), expected);
}

TEST_CASE("corpus: text becomes tokens, counts and ids") {
  const Texts texts = {{"the cat", "le chat"}, {"the dog", "le chien"}};
  const Pairs pairs = tokenize(texts, Tokenizer(), Tokenizer());
  REQUIRE(pairs == Pairs{{{"the", "cat"}, {"le", "chat"}}, {{"the", "dog"}, {"le", "chien"}}});
  const auto [source_counts, target_counts] = count_tokens(pairs);
  REQUIRE(source_counts == TokenCounts{{"the", 2}, {"cat", 1}, {"dog", 1}});
  REQUIRE(target_counts == TokenCounts{{"le", 2}, {"chat", 1}, {"chien", 1}});
  const auto corpus =
      encode(pairs, Vocabulary::build(source_counts, 1), Vocabulary::build(target_counts, 2));
  REQUIRE(corpus == std::vector<SentencePair>{{{4, 5}, {4, kUnk}}, {{4, 6}, {4, kUnk}}});
}

TEST_CASE("corpus: empty and long pairs are dropped and counted") {
  const TokenPair good = {{"a", "b"}, {"c"}};
  const TokenPair long_source = {{"a", "b", "c"}, {"d"}};
  const TokenPair long_target = {{"a"}, {"b", "c", "d"}};
  const Pairs all = {{{}, {"x"}}, good, long_source, {{"x"}, {}}, long_target, {{}, {}}};
  Pairs pairs = all;
  REQUIRE(drop_unfit(pairs, 2, "train.tsv") == Dropped{3, 2});
  REQUIRE(pairs == Pairs{good});
  pairs = all;
  REQUIRE(drop_unfit(pairs, 0, "train.tsv") == Dropped{3, 0});
  REQUIRE(pairs == Pairs{good, long_source, long_target});
}

TEST_CASE("corpus: a corpus of which nothing is left is refused") {
  Pairs pairs = {{{}, {"x"}}, {{"a", "b"}, {"c"}}};
  REQUIRE_THROWS_WITH(
      drop_unfit(pairs, 1, "train.tsv"),
      "train.tsv: no sentence pairs left; got 1 with an empty side and 1 with more than 1 tokens");
}

}  // namespace
}  // namespace weft::data
