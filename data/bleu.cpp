#include "data/bleu.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "autograd/error.hpp"

namespace weft::data {
namespace {

constexpr std::size_t kMaxOrder = 4;
constexpr std::string_view kVersion = "weft-0.1.0";

using Words = std::vector<std::int64_t>;            // numbered, from 1
using NGram = std::array<std::int64_t, kMaxOrder>;  // a shorter one ends in zeros
using Numbers = std::unordered_map<std::string, std::int64_t>;

/// Matches and n-grams of each order, summed over the corpus.
struct Counts {
  std::array<std::int64_t, kMaxOrder> matches = {};
  std::array<std::int64_t, kMaxOrder> total = {};
  std::int64_t hypothesis_length = 0;
  std::int64_t reference_length = 0;
};

void check_sizes(std::string_view where, std::span<const std::string> hypotheses,
                 std::span<const std::string> references) {
  if (hypotheses.size() != references.size() || hypotheses.empty()) {
    fail("{}: each hypothesis needs its reference; got {} hypotheses and {} references", where,
         hypotheses.size(), references.size());
  }
}

Words number(const std::vector<std::string>& words, Numbers& numbers) {
  Words result;
  for (const std::string& word : words) {
    const auto next = static_cast<std::int64_t>(numbers.size()) + 1;
    result.push_back(numbers.emplace(word, next).first->second);
  }
  return result;
}

std::vector<NGram> sorted_ngrams(const Words& words, std::size_t order) {
  std::vector<NGram> ngrams;
  for (std::size_t end = order; end <= words.size(); ++end) {
    NGram ngram = {};
    std::copy_n(words.data() + (end - order), order, ngram.begin());
    ngrams.push_back(ngram);
  }
  std::sort(ngrams.begin(), ngrams.end());
  return ngrams;
}

/// The clipped matches of a sentence are what two multisets of n-grams have in common.
void count_sentence(const Words& hypothesis, const Words& reference, Counts& counts) {
  counts.hypothesis_length += static_cast<std::int64_t>(hypothesis.size());
  counts.reference_length += static_cast<std::int64_t>(reference.size());
  for (std::size_t order = 1; order <= kMaxOrder; ++order) {
    const std::vector<NGram> found = sorted_ngrams(hypothesis, order);
    const std::vector<NGram> expected = sorted_ngrams(reference, order);
    std::vector<NGram> common;
    std::set_intersection(found.begin(), found.end(), expected.begin(), expected.end(),
                          std::back_inserter(common));
    counts.matches[order - 1] += static_cast<std::int64_t>(common.size());
    counts.total[order - 1] += static_cast<std::int64_t>(found.size());
  }
}

/// min(1, exp(1 - r / c)) of c hypothesis and r reference words.
double brevity_penalty(const Counts& counts) {
  if (counts.hypothesis_length == 0) {
    return counts.reference_length == 0 ? 1 : 0;
  }
  const double ratio =
      static_cast<double>(counts.reference_length) / static_cast<double>(counts.hypothesis_length);
  return std::min(1.0, std::exp(1 - ratio));
}

/// 100 p_n. The k-th order without a match counts as 1 / 2^k matches; an order without an n-gram
/// has precision 0.
std::array<double, kMaxOrder> smoothed_precisions(const Counts& counts) {
  std::array<double, kMaxOrder> precisions = {};
  double smallest_match = 1;
  for (std::size_t n = 0; n < kMaxOrder && counts.total[n] > 0; ++n) {
    auto matches = static_cast<double>(counts.matches[n]);
    if (counts.matches[n] == 0) {
      smallest_match /= 2;
      matches = smallest_match;
    }
    precisions[n] = 100 * matches / static_cast<double>(counts.total[n]);
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

}  // namespace

BleuScore corpus_bleu(std::span<const std::string> hypotheses,
                      std::span<const std::string> references, BleuTokenization tokenization) {
  check_sizes("bleu", hypotheses, references);
  Numbers numbers;
  Counts counts;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    count_sentence(number(bleu_tokens(hypotheses[i], tokenization), numbers),
                   number(bleu_tokens(references[i], tokenization), numbers), counts);
  }
  BleuScore score;
  score.brevity_penalty = brevity_penalty(counts);
  score.hypothesis_length = counts.hypothesis_length;
  score.reference_length = counts.reference_length;
  score.signature = fmt::format("nrefs:1|case:mixed|eff:no|tok:{}|smooth:exp|version:{}",
                                name(tokenization), kVersion);
  if (counts.matches[0] > 0) {
    score.precisions = smoothed_precisions(counts);
    score.bleu = combine(score.precisions, score.brevity_penalty);
  }
  return score;
}

double exact_match(std::span<const std::string> hypotheses,
                   std::span<const std::string> references) {
  check_sizes("exact match", hypotheses, references);
  std::size_t equal = 0;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    equal += hypotheses[i] == references[i] ? 1 : 0;
  }
  return static_cast<double>(equal) / static_cast<double>(hypotheses.size());
}

}  // namespace weft::data
