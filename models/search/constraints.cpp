#include "models/search/constraints.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "data/text/vocabulary.hpp"

namespace weft::models {
namespace {

constexpr float kImpossible = -std::numeric_limits<float>::infinity();

std::span<float> row_of(Tensor& logits, std::size_t row) {
  const auto V = static_cast<std::size_t>(logits.size(1));
  return logits.mutable_data<float>().subspan(row * V, V);
}

/// Excludes the tokens that would repeat an n-gram.
void exclude_ngrams(std::span<float> logits, std::span<const std::int64_t> tokens, std::size_t n) {
  if (tokens.size() + 1 < n) {
    return;
  }
  const auto last = tokens.last(n - 1);  // the n - 1 tokens before the next one
  for (std::size_t i = 0; i + n <= tokens.size(); ++i) {
    const std::int64_t repeated = tokens[i + n - 1];
    if (repeated < std::ssize(logits) && std::ranges::equal(tokens.subspan(i, n - 1), last)) {
      logits[static_cast<std::size_t>(repeated)] = kImpossible;
    }
  }
}

void exclude_all_but(std::span<float> logits, std::int64_t token) {
  const float kept =
      token < std::ssize(logits) ? logits[static_cast<std::size_t>(token)] : kImpossible;
  std::ranges::fill(logits, kImpossible);
  if (token < std::ssize(logits)) {
    logits[static_cast<std::size_t>(token)] = kept;
  }
}

}  // namespace

bool Constraints::active() const {
  return options_.no_repeat_ngram > 0 || options_.repetition_penalty != 1 ||
         options_.min_length > 0 || !rules_.free();
}

std::int64_t Constraints::reach() const {
  const bool all = options_.no_repeat_ngram > 0 || options_.repetition_penalty != 1;
  return all ? std::numeric_limits<std::int64_t>::max() : data::LineRules::kReach;
}

// Keskar et al. 2019, arXiv:1909.05858, section 4.1: p_i ~ exp(x_i / I(i)), with I(i) = theta for
// tokens already generated, else 1. A negative x_i is multiplied by theta instead, so that it also
// decreases.
void Constraints::penalize(Tensor& logits, std::span<const History> histories) const {
  if (options_.repetition_penalty == 1) {
    return;
  }
  const auto theta = static_cast<float>(options_.repetition_penalty);
  for (std::size_t row = 0; row < histories.size(); ++row) {
    const std::span<float> x = row_of(logits, row);
    for (const std::int64_t token :
         std::set(histories[row].tokens.begin(), histories[row].tokens.end())) {
      if (token < std::ssize(x)) {  // a copied token may be outside the session's vocabulary by now
        float& value = x[static_cast<std::size_t>(token)];
        value = value > 0 ? value / theta : value * theta;
      }
    }
  }
}

void Constraints::exclude(Tensor& logits, std::span<const History> histories) const {
  for (std::size_t row = 0; row < histories.size(); ++row) {
    const std::span<float> x = row_of(logits, row);
    const std::vector<std::int64_t>& tokens = histories[row].tokens;
    const std::span<const std::int64_t> forced = histories[row].prefix;
    const std::int64_t length = histories[row].length;
    if (length < std::ssize(forced)) {
      exclude_all_but(x, forced[static_cast<std::size_t>(length)]);
      continue;
    }
    rules_.exclude(x, tokens);
    if (length < options_.min_length) {
      x[data::kEos] = kImpossible;
    }
    if (options_.no_repeat_ngram > 0) {
      exclude_ngrams(x, tokens, static_cast<std::size_t>(options_.no_repeat_ngram));
    }
  }
}

std::int64_t Constraints::limit(std::span<const std::int64_t> prefix,
                                std::int64_t source_length) const {
  return std::max(length_limit(options_, source_length), std::ssize(prefix));
}

}  // namespace weft::models
