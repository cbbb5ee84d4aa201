#include "models/search/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "data/text/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/models/search/reference_search.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

constexpr int kDraws = 20'000;
// Logits of 10 tokens; the first two are never drawn, however large.
const std::vector<float> kLogits = {9, 9, 0.5F, -1, 2, 1.9F, 0, -3, 1.2F, 0.1F};

// The token that is drawn from any logits.
std::int64_t drawn(const std::vector<float>& logits, const DecodeOptions& options, double u) {
  const auto best = std::max_element(logits.begin() + data::kEos, logits.end()) - logits.begin();
  return draw_token(logits, best, options, u);
}

std::map<std::int64_t, int> draw(const DecodeOptions& options) {
  std::map<std::int64_t, int> counts;
  for (int key = 0; key < kDraws; ++key) {
    const double u = draw_number(options, static_cast<std::uint64_t>(key), 3);
    REQUIRE((u >= 0 && u < 1));
    ++counts[drawn(kLogits, options, u)];
  }
  return counts;
}

// Pearson's chi-square statistic of the draws against softmax(logits / T) over the tokens given.
double chi_square(const DecodeOptions& options, const std::vector<std::int64_t>& tokens) {
  double total = 0;
  const auto p = [&](std::int64_t token) {
    return std::exp(static_cast<double>(kLogits[static_cast<std::size_t>(token)]) /
                    options.temperature);
  };
  for (const std::int64_t token : tokens) {
    total += p(token);
  }
  std::map<std::int64_t, int> counts = draw(options);
  double statistic = 0;
  for (const std::int64_t token : tokens) {
    const double expected = kDraws * p(token) / total;
    statistic += (counts[token] - expected) * (counts[token] - expected) / expected;
    counts.erase(token);
  }
  CHECK(counts.empty());  // no other token
  return statistic;
}

// The 99.9th percentiles of chi-square with 7, 2 and 3 degrees of freedom; the draws are fixed.
TEST_CASE("draws have the distribution of the model, at any temperature") {
  const std::vector<std::int64_t> all = {2, 3, 4, 5, 6, 7, 8, 9};
  for (const double temperature : {0.5, 1.0, 2.0}) {
    CHECK(chi_square({.temperature = temperature}, all) < 24.3);
  }
  CHECK(chi_square({.temperature = 1, .seed = 7}, all) < 24.3);
}

TEST_CASE("draws are cut to the most probable tokens, and to a share") {
  CHECK(chi_square({.temperature = 1, .top_k = 3}, {4, 5, 8}) < 13.8);
  // p of 4, 5, 8, 2 is 0.359, 0.325, 0.161, 0.080: three have less than 0.85, four more.
  CHECK(chi_square({.temperature = 1, .top_p = 0.85}, {4, 5, 8, 2}) < 16.3);
  CHECK(chi_square({.temperature = 1, .top_k = 3, .top_p = 0.7}, {4, 5}) < 10.9);
  CHECK(chi_square({.temperature = 1, .top_p = 0.1}, {4}) == 0);
}

TEST_CASE("what cannot be drawn ends the translation") {
  const float never = -std::numeric_limits<float>::infinity();
  const std::vector<float> nothing(6, never);
  CHECK(drawn(nothing, {.temperature = 1}, 0.5) == data::kEos);
  std::vector<float> one = nothing;
  one[5] = -80;
  for (const double u : {0.0, 0.999999999999}) {
    CHECK(drawn(one, {.temperature = 1}, u) == 5);
  }
}

TEST_CASE("a drawn translation depends on seed and key, not on its batch") {
  manual_seed(3);
  const auto model = make_model(tiny_config("bahdanau2015"));
  model->eval();
  const std::vector<Ids> sources = {{4, 5, 6}, {4, 5, 6}, {8, 4}, {7}};
  const DecodeOptions options{.max_length = 12, .temperature = 1, .scores = true};
  const SentenceOptions keys{.prefixes = {}, .keys = {10, 11, 12, 13}};
  const auto together = decode(*model, batch_of(sources), options, keys);
  CHECK(together[0][0].tokens != together[1][0].tokens);  // the same sentence twice
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto alone =
        decode(*model, batch_of({sources[i]}), options, {.prefixes = {}, .keys = {keys.keys[i]}});
    CHECK(alone[0][0].tokens == together[i][0].tokens);
    CHECK(alone[0][0].score == together[i][0].score);
  }
  DecodeOptions other = options;
  other.seed = 2;
  CHECK(decode(*model, batch_of(sources), other, keys)[0][0].tokens != together[0][0].tokens);
}

}  // namespace
}  // namespace weft::models
