#include "models/search/constraints.hpp"

#include <cmath>

#include "tests/catch.hpp"

namespace weft::models {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
using Row = std::vector<float>;

// The logits 0, 1, ..., 7 after exclusion.
Row excluded(const DecodeOptions& options, const std::vector<std::int64_t>& tokens,
             const std::vector<std::int64_t>& prefix = {}, const data::LineRules& rules = {}) {
  Tensor logits = tensor<float>({0, 1, 2, 3, 4, 5, 6, 7}, {1, 8});
  const std::vector<History> histories = {{prefix, tokens, std::ssize(tokens)}};
  Constraints(options, rules).exclude(logits, histories);
  return logits.to_vector<float>();
}

TEST_CASE("constraints are off unless asked for") {
  CHECK_FALSE(Constraints({}).active());
  CHECK(excluded({}, {4, 4, 4, 4}) == Row{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("n-grams that were there are excluded") {
  CHECK(excluded({.no_repeat_ngram = 1}, {4, 7}) == Row{0, 1, 2, 3, kNever, 5, 6, kNever});
  // After 5 4 6 4, the pair 4 6 has occurred, 4 5 has not.
  CHECK(excluded({.no_repeat_ngram = 2}, {5, 4, 6, 4}) == Row{0, 1, 2, 3, 4, 5, kNever, 7});
  CHECK(excluded({.no_repeat_ngram = 3}, {4, 5, 6, 4, 5}) == Row{0, 1, 2, 3, 4, 5, kNever, 7});
  CHECK(excluded({.no_repeat_ngram = 3}, {4, 5}) == Row{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("the end is excluded before the least length") {
  CHECK(excluded({.min_length = 2}, {4}) == Row{0, 1, kNever, 3, 4, 5, 6, 7});
  CHECK(excluded({.min_length = 2}, {4, 5}) == Row{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("within a prefix all but its next token is excluded") {
  const std::vector<std::int64_t> prefix = {6, 4};
  const Row six = {kNever, kNever, kNever, kNever, kNever, kNever, 6, kNever};
  CHECK(excluded({.no_repeat_ngram = 1, .min_length = 9}, {}, prefix) == six);
  CHECK(excluded({}, {6, 4}, prefix) == Row{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(Constraints({.max_length = 1}).limit(prefix, 3) == 2);
}

TEST_CASE("line rules exclude tokens, but not within a prefix") {
  const data::Language language{
      data::Tokenizer(), data::Vocabulary::build({{"a", 4}, {"b", 3}, {"\x1B", 2}, {"c", 1}}, 1)};
  const data::LineRules rules(language);
  CHECK(Constraints({}, rules).active());
  CHECK(excluded({}, {4}, {}, rules) == Row{0, 1, 2, 3, 4, 5, kNever, 7});
  const Row six = {kNever, kNever, kNever, kNever, kNever, kNever, 6, kNever};
  CHECK(excluded({}, {}, {6}, rules) == six);
}

TEST_CASE("constraints say how many tokens they need to know") {
  CHECK(Constraints({.min_length = 5}).reach() == 3);
  CHECK(Constraints({.no_repeat_ngram = 2}).reach() > 1'000'000);
  CHECK(Constraints({.repetition_penalty = 2}).reach() > 1'000'000);
  Tensor logits = zeros({2, 8});
  const std::vector<History> histories = {{{}, {4}, 2}, {{}, {4}, 3}};
  Constraints({.min_length = 3}).exclude(logits, histories);
  CHECK(logits.to_vector<float>()[data::kEos] == kNever);
  CHECK(logits.to_vector<float>()[8 + data::kEos] == 0);
}

// theta 2: a positive logit is halved and a negative one doubled, once per token.
TEST_CASE("tokens that were there are less probable") {
  Tensor logits = tensor<float>({8, -8, 3, -3, 1, 1, -1, -1}, {1, 8});
  const std::vector<History> histories = {{{}, {2, 3, 3, 4, 6}, 5}};
  const DecodeOptions options{.repetition_penalty = 2};
  Constraints(options).penalize(logits, histories);
  CHECK(logits.to_vector<float>() == Row{8, -8, 1.5F, -6, 0.5F, 1, -2, -1});
}

TEST_CASE("tokens that a session's vocabulary does not have are passed over") {
  CHECK(excluded({.no_repeat_ngram = 1}, {4, 12}) == Row{0, 1, 2, 3, kNever, 5, 6, 7});
  CHECK(excluded({}, {}, {12}) == Row(8, kNever));
  Tensor logits = tensor<float>({8, 8}, {1, 2});
  const std::vector<History> histories = {{{}, {1, 5}, 2}};
  const DecodeOptions options{.repetition_penalty = 2};
  Constraints(options).penalize(logits, histories);
  CHECK(logits.to_vector<float>() == Row{8, 4});
}

}  // namespace
}  // namespace weft::models
