#include "data/augment.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "autograd/error.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

using Ids = std::vector<std::int64_t>;

Ids numbers(std::int64_t count) {
  Ids ids;
  for (std::int64_t i = 0; i < count; ++i) {
    ids.push_back(10 + i);
  }
  return ids;
}

Language subwords(SubwordModel model) {
  std::vector<std::string> lines;
  for (int i = 0; i < 200; ++i) {
    lines.push_back("unlikely unlike likely like un" + std::to_string(i % 7));
  }
  Subwords learnt = Subwords::train(lines, {model, 320});
  Vocabulary vocabulary = Vocabulary::of(learnt.pieces());
  return {Tokenizer({TokenizerKind::subword}, learnt), std::move(vocabulary)};
}

TEST_CASE("augment: a share of the tokens becomes unknown") {
  Generator generator(1);
  const Ids noisy = with_noise(numbers(10'000), {.word_dropout = 0.2}, generator);
  const auto unknown = std::ranges::count(noisy, kUnk);
  CHECK(std::abs(static_cast<double>(unknown) - 2000) < 4 * std::sqrt(10'000 * 0.2 * 0.8));
  for (std::size_t i = 0; i < noisy.size(); i += 997) {
    REQUIRE((noisy[i] == kUnk || noisy[i] == numbers(10'000)[i]));
  }
}

TEST_CASE("augment: tokens move by at most k places, and all of them stay") {
  Generator generator(2);
  for (const double k : {1.0, 3.0}) {
    const Ids ids = numbers(500);
    const Ids moved = with_noise(ids, {.word_noise = k}, generator);
    CHECK(moved != ids);
    CHECK(std::ranges::is_permutation(moved, ids));
    std::int64_t farthest = 0;
    for (std::size_t i = 0; i < moved.size(); ++i) {
      farthest = std::max(farthest, std::abs(moved[i] - ids[i]));
    }
    CHECK(static_cast<double>(farthest) <= k);
    CHECK(static_cast<double>(farthest) > k / 2);
  }
}

TEST_CASE("augment: drawn subwords spell the same line, with the probabilities of the model") {
  const Language language = subwords(SubwordModel::unigram);
  const Ids best = language.encode("unlikely like");
  const std::vector<Subwords::Cut> cuts =
      language.tokenizer.subwords().best_cuts("unlikely like", 16);
  REQUIRE(cuts.size() > 3);
  CHECK(language.vocabulary.encode(cuts[0].pieces) == best);
  CHECK(std::ranges::is_sorted(cuts, std::greater(), &Subwords::Cut::log_p));
  std::map<Ids, double> share;
  Generator generator(3);
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const Ids drawn = sampled(language, best, 0.5, generator);
    REQUIRE(language.decode(drawn) == "unlikely like");
    share[drawn] += 1.0 / kDraws;
  }
  double total = 0;
  for (const Subwords::Cut& cut : cuts) {
    total += std::exp(0.5 * (cut.log_p - cuts[0].log_p));
  }
  for (const Subwords::Cut& cut : cuts) {
    const double p = std::exp(0.5 * (cut.log_p - cuts[0].log_p)) / total;
    CHECK(std::abs(share[language.vocabulary.encode(cut.pieces)] - p) <
          5 * std::sqrt(p * (1 - p) / kDraws) + 1e-9);
  }
  const Language merges = subwords(SubwordModel::bpe);
  CHECK_THROWS_AS(sampled(merges, merges.encode("unlike"), 0.5, generator), Error);
}

TEST_CASE("augment: a pair depends on seed, epoch and row alone") {
  const Language language = subwords(SubwordModel::unigram);
  const AugmentOptions options{.subword_sampling = 0.3, .word_dropout = 0.1, .word_noise = 2};
  const SentencePair pair = {language.encode("unlikely like likely unlike"),
                             language.encode("like unlikely")};
  const Augmenter augmenter(options, 7, language, language);
  const SentencePair made = augmenter.make(pair, 3, 5);
  CHECK(augmenter.make(pair, 3, 5) == made);
  CHECK_FALSE(augmenter.make(pair, 4, 5) == made);
  CHECK_FALSE(augmenter.make(pair, 3, 6) == made);
  CHECK_FALSE(Augmenter(options, 8, language, language).make(pair, 3, 5) == made);
  CHECK(language.decode(made.target) == "like unlikely");  // noise is only applied to the source
}

}  // namespace
}  // namespace weft::data
