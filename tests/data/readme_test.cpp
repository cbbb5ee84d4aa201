// The snippets of data/README.md, compiled and run; the last test finds each of them here.

#include "data/batches.hpp"
#include "data/language.hpp"
#include "data/scores/bleu.hpp"
#include "data/settings/settings.hpp"
#include "data/tasks/grammar.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/snippets.hpp"

namespace weft::data {
namespace {

TEST_CASE("the README's text") {
  const TemporaryFolder folder;
  const std::string path = folder.write("train.tsv", "the cat\tle chat\nthe dog\tle chien\n");
  const std::vector<TextPair> pairs = read_tsv(path);  // source TAB target
  auto tokenizers = make_tokenizers(pairs, {});        // of words, unless configured otherwise
  const auto tokens = tokenize(pairs, tokenizers.first, tokenizers.second);
  const auto [source, target] = make_languages(std::move(tokenizers), tokens, {});
  CHECK(source.decode(source.encode("the  cat")) == "the cat");
  CHECK(source.encode("the aardvark") == std::vector<std::int64_t>{kSpecials, kUnk});
}

TEST_CASE("the README's batch") {
  const std::vector<SentencePair> corpus = {{{4, 5, 6}, {4}}, {{7}, {5, 6}}};
  const Batch batch = make_batch(corpus, {0, 1});
  CHECK(batch.source.shape() == Shape{3, 2});  // [S, B]
  CHECK(batch.source.to_vector<std::int64_t>() ==
        std::vector<std::int64_t>{4, 7, 5, kPad, 6, kPad});
  CHECK(batch.target_in.to_vector<std::int64_t>() ==
        std::vector<std::int64_t>{kBos, kBos, 4, 5, kPad, 6});
  CHECK(batch.target_out.to_vector<std::int64_t>() ==
        std::vector<std::int64_t>{4, 5, kEos, 6, kPad, kEos});
  CHECK(batch.target_tokens == 5);  // padding is no prediction
}

TEST_CASE("the README's score") {
  const std::vector<std::string> hypotheses = {"the cat sat on the mat"};
  const std::vector<std::string> references = {"the cat sat on a mat"};
  const BleuScore bleu = corpus_bleu(hypotheses, references, BleuTokenization::v13a);
  CHECK(bleu.bleu == Approx(53.73).margin(0.005));
  CHECK(bleu.precisions[0] == Approx(100 * 5.0 / 6));
}

struct NoiseConfig {
  double rate = option(&rate, "rate", 0.1, {0, 1}, "share of the words that are changed");
  std::int64_t seed = option(&seed, "seed", 1, {0, kMany}, "of the choice of words");
};

TEST_CASE("the README's options") {
  NoiseConfig config;
  CHECK(config.rate == 0.1);
  Settings settings(config);
  const Option rate = settings.options()[0];
  CHECK(rate.expected == "a number in [0, 1]");
  CHECK(settings.set_text(rate, "0.5"));
  CHECK(config.rate == 0.5);
  CHECK_FALSE(settings.set_text(rate, "2"));  // out of range: nothing happens
}

/// 1 to 10 of the symbols 0 to 49: each of them twice.
ToyPair twice(SplitMix64& random) {
  ToyPair pair;
  const int length = 1 + static_cast<int>(random.uniform() * 10);
  for (int i = 0; i < length; ++i) {
    const std::string symbol = std::to_string(static_cast<int>(random.uniform() * 50));
    pair.source.push_back(symbol);
    pair.target.insert(pair.target.end(), 2, symbol);
  }
  return pair;
}

TEST_CASE("the README's toy task") {
  SplitMix64 random(0);
  for (int i = 0; i < 100; ++i) {
    const ToyPair pair = twice(random);
    REQUIRE(pair.source.size() <= 10);
    REQUIRE(pair.target.size() == 2 * pair.source.size());
  }
}

TEST_CASE("every snippet of the README is in this file") {
  CHECK(testing::check_snippets("data/README.md", "tests/data/readme_test.cpp") == 6);
}

}  // namespace
}  // namespace weft::data
