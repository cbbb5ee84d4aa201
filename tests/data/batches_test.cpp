#include "data/batches.hpp"

#include <algorithm>

#include "autograd/random.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

using Corpus = std::vector<SentencePair>;
using Ids = std::vector<std::int64_t>;

/// n pairs of random lengths 1..30.
Corpus random_corpus(std::int64_t n) {
  Generator generator(7);
  Corpus corpus;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto source = static_cast<std::size_t>(1 + generator.integer(30));
    const auto target = static_cast<std::size_t>(1 + generator.integer(30));
    corpus.push_back({Ids(source, kSpecials), Ids(target, kSpecials)});
  }
  return corpus;
}

Ids sorted_rows(const BatchPlan& plan) {
  Ids rows;
  for (const Ids& batch : plan) {
    rows.insert(rows.end(), batch.begin(), batch.end());
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

Ids first_numbers(std::int64_t n) { return arange(n).to_vector<std::int64_t>(); }

/// B * T of a batch, T counting <eos>.
std::int64_t padded_target_tokens(const Corpus& corpus, const Ids& batch) {
  std::size_t longest = 0;
  for (const std::int64_t row : batch) {
    longest = std::max(longest, corpus[static_cast<std::size_t>(row)].target.size() + 1);
  }
  return static_cast<std::int64_t>(longest * batch.size());
}

TEST_CASE("batches: a batch is padded, time-major, with <bos> and <eos>") {
  const Corpus corpus = {{{4, 5, 6}, {7}}, {{9}, {9}}, {{8}, {4, 5}}};
  const Batch batch = make_batch(corpus, {0, 2});
  REQUIRE(identical(batch.source, tensor<std::int64_t>({4, 8, 5, kPad, 6, kPad}, {3, 2})));
  REQUIRE(identical(batch.source_lengths, tensor<std::int64_t>({3, 1}, {2})));
  REQUIRE(identical(batch.target_in, tensor<std::int64_t>({kBos, kBos, 7, 4, kPad, 5}, {3, 2})));
  REQUIRE(identical(batch.target_out, tensor<std::int64_t>({7, 4, kEos, 5, kPad, kEos}, {3, 2})));
  REQUIRE(batch.target_tokens == 5);
}

TEST_CASE("batches: an empty target is its <eos> alone") {
  const Batch batch = make_batch(Corpus{{{4}, {}}}, {0});
  REQUIRE(identical(batch.target_in, tensor<std::int64_t>({kBos}, {1, 1})));
  REQUIRE(identical(batch.target_out, tensor<std::int64_t>({kEos}, {1, 1})));
}

TEST_CASE("batches: sentences alone make a source batch") {
  const std::vector<Ids> sources = {{4}, {5, 6}, {7, 8, 9}};
  const SourceBatch batch = make_source_batch(sources, {2, 0});
  REQUIRE(identical(batch.source, tensor<std::int64_t>({7, 4, 8, kPad, 9, kPad}, {3, 2})));
  REQUIRE(identical(batch.source_lengths, tensor<std::int64_t>({3, 1}, {2})));
}

TEST_CASE("batches: nothing and an empty source are refused") {
  REQUIRE_THROWS_WITH(make_batch(Corpus{{{4}, {4}}, {{}, {4}}}, {0, 1}),
                      "batches: sentence 1 is empty; expected at least one token");
  REQUIRE_THROWS_WITH(make_source_batch(std::vector<Ids>{}, {}),
                      "batches: the batch is empty; expected at least one sentence");
  REQUIRE_THROWS_WITH(plan_training({}, {.sentences = 0}, 1, 0),
                      "batches: batch size too small; got 0; expected at least 1");
}

TEST_CASE("batches: an epoch has each pair once, in batches of the size given") {
  const Corpus corpus = random_corpus(1003);
  const BatchPlan plan = plan_training(corpus, {.sentences = 4}, 1, 0);
  REQUIRE(sorted_rows(plan) == first_numbers(1003));
  const auto full =
      std::count_if(plan.begin(), plan.end(), [](const Ids& batch) { return batch.size() == 4; });
  REQUIRE(full == 250);  // pools of 400, 400 and 203 pairs
  REQUIRE(plan.size() == 251);
}

TEST_CASE("batches: an epoch depends on seed and epoch and on nothing else") {
  const Corpus corpus = random_corpus(300);
  const BatchPlan plan = plan_training(corpus, {.sentences = 8}, 1, 2);
  default_generator().advance();
  REQUIRE(plan_training(corpus, {.sentences = 8}, 1, 2) == plan);
  REQUIRE(plan_training(corpus, {.sentences = 8}, 1, 3) != plan);
  REQUIRE(plan_training(corpus, {.sentences = 8}, 2, 2) != plan);
}

TEST_CASE("batches: similar lengths stand together, the longest source first") {
  const Corpus corpus = random_corpus(3200);
  const BatchPlan plan = plan_training(corpus, {.sentences = 32}, 1, 0);
  std::int64_t padded = 0;
  std::int64_t tokens = 0;
  for (const Ids& rows : plan) {
    const Batch batch = make_batch(corpus, rows);
    const Ids lengths = batch.source_lengths.to_vector<std::int64_t>();
    REQUIRE(std::is_sorted(lengths.rbegin(), lengths.rend()));
    padded += batch.target_out.numel();
    tokens += batch.target_tokens;
  }
  REQUIRE(padded >= tokens);
  REQUIRE(static_cast<double>(padded) < 1.05 * static_cast<double>(tokens));
}

TEST_CASE("batches: batches do not come in the order of length") {
  const Corpus corpus = random_corpus(640);
  Ids lengths;
  for (const Ids& batch : plan_training(corpus, {.sentences = 32}, 1, 0)) {
    lengths.push_back(padded_target_tokens(corpus, batch));
  }
  REQUIRE_FALSE(std::is_sorted(lengths.begin(), lengths.end()));
}

TEST_CASE("batches: a limit of target tokens holds with the padding") {
  const Corpus corpus = random_corpus(2000);
  const BatchSize size = {.target_tokens = 200};
  const BatchPlan plan = plan_training(corpus, size, 1, 0);
  REQUIRE(sorted_rows(plan) == first_numbers(2000));
  std::int64_t total = 0;
  for (const Ids& batch : plan) {
    REQUIRE(padded_target_tokens(corpus, batch) <= 200);
    total += padded_target_tokens(corpus, batch);
  }
  const double mean = static_cast<double>(total) / static_cast<double>(plan.size());
  REQUIRE(mean > 150);  // batches are nearly full
}

TEST_CASE("batches: a pair longer than the limit of tokens is a batch of its own") {
  const Corpus corpus = {{{4}, Ids(50, 4)}, {{4}, {4}}, {{4}, Ids(60, 4)}};
  const BatchPlan plan = plan_evaluation(corpus, {.target_tokens = 10});
  REQUIRE(plan == BatchPlan{{1}, {0}, {2}});
}

TEST_CASE("batches: an evaluation has each pair once, sorted by length") {
  const Corpus corpus = {{{4, 4}, {4, 4}}, {{4}, {4, 4}}, {{4}, {4}}, {{4}, {4, 4, 4}}};
  REQUIRE(plan_evaluation(corpus, {.sentences = 2}) == BatchPlan{{2, 1}, {0, 3}});
}

}  // namespace
}  // namespace weft::data
