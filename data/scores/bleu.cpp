#include "data/scores/bleu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "autograd/version.hpp"

namespace weft::data {
namespace {

constexpr std::size_t kMaxOrder = 4;

using Numbers = std::unordered_map<std::string, char32_t>;

/// Maps each word to a number.
std::u32string number(const std::vector<std::string>& words, Numbers& numbers) {
  std::u32string result;
  for (const std::string& word : words) {
    const auto next = static_cast<char32_t>(numbers.size());
    result.push_back(numbers.emplace(word, next).first->second);
  }
  return result;
}

/// Counts the word n-grams of each sentence.
std::vector<NGramTable> count(std::span<const std::string> hypotheses,
                              std::span<const std::string> references,
                              BleuTokenization tokenization, LetterCase letter_case) {
  check_paired("bleu", hypotheses, references);
  Numbers numbers;
  std::vector<NGramTable> sentences;
  sentences.reserve(hypotheses.size());
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    const auto hypothesis = bleu_tokens(hypotheses[i], tokenization, letter_case);
    const auto reference = bleu_tokens(references[i], tokenization, letter_case);
    sentences.push_back(
        count_ngrams(number(hypothesis, numbers), number(reference, numbers), kMaxOrder));
  }
  return sentences;
}

/// min(1, exp(1 - r / c)) for c hypothesis and r reference words.
double brevity_penalty(const NGramCounts& words) {
  if (words.hypothesis == 0) {
    return words.reference == 0 ? 1 : 0;
  }
  const double ratio = static_cast<double>(words.reference) / static_cast<double>(words.hypothesis);
  return std::min(1.0, std::exp(1 - ratio));
}

/// 100 p_n. The k-th order without a match counts as 1 / 2^k matches; an order without n-grams has
/// precision 0.
std::array<double, kMaxOrder> smoothed_precisions(const NGramTable& counts) {
  std::array<double, kMaxOrder> precisions = {};
  double smallest_match = 1;
  for (std::size_t n = 0; n < kMaxOrder && counts[n].hypothesis > 0; ++n) {
    auto matches = static_cast<double>(counts[n].matches);
    if (counts[n].matches == 0) {
      smallest_match /= 2;
      matches = smallest_match;
    }
    precisions[n] = 100 * matches / static_cast<double>(counts[n].hypothesis);
  }
  return precisions;
}

/// BP exp(sum_n log(p_n) / 4); 0 if some p_n is 0.
double combine(const std::array<double, kMaxOrder>& precisions, double penalty) {
  double log_sum = 0;
  for (const double precision : precisions) {
    log_sum += std::log(precision);
  }
  return penalty * std::exp(log_sum / kMaxOrder);
}

BleuScore score(const NGramTable& counts) {
  const NGramCounts& words = counts.front();
  BleuScore score;
  score.brevity_penalty = brevity_penalty(words);
  score.hypothesis_length = words.hypothesis;
  score.reference_length = words.reference;
  if (words.matches > 0) {
    score.precisions = smoothed_precisions(counts);
    score.bleu = combine(score.precisions, score.brevity_penalty);
  }
  return score;
}

}  // namespace

BleuScore corpus_bleu(std::span<const std::string> hypotheses,
                      std::span<const std::string> references, BleuTokenization tokenization,
                      LetterCase letter_case) {
  BleuScore result = score(sum(count(hypotheses, references, tokenization, letter_case)));
  result.signature = fmt::format("nrefs:1|case:{}|eff:no|tok:{}|smooth:exp|version:weft-{}",
                                 name(letter_case), name(tokenization), version());
  return result;
}

Interval bleu_interval(std::span<const std::string> hypotheses,
                       std::span<const std::string> references, BleuTokenization tokenization,
                       LetterCase letter_case, const Bootstrap& bootstrap) {
  return bootstrap_interval(
      count(hypotheses, references, tokenization, letter_case),
      [](const NGramTable& counts) { return score(counts).bleu; }, bootstrap);
}

double exact_match(std::span<const std::string> hypotheses,
                   std::span<const std::string> references) {
  check_paired("exact match", hypotheses, references);
  std::size_t equal = 0;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    equal += hypotheses[i] == references[i] ? 1 : 0;
  }
  return static_cast<double>(equal) / static_cast<double>(hypotheses.size());
}

}  // namespace weft::data
