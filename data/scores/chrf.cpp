#include "data/scores/chrf.hpp"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "autograd/version.hpp"

namespace weft::data {
namespace {

constexpr std::size_t kMaxOrder = 6;
constexpr double kBeta = 2;

std::u32string without_spaces(std::u32string text) {
  std::erase_if(text, is_space);
  return text;
}

/// Counts the character n-grams of each sentence. If the reference has no n-grams of an order,
/// those of the hypothesis do not count as wrong.
std::vector<NGramTable> count(std::span<const std::string> hypotheses,
                              std::span<const std::string> references, LetterCase letter_case) {
  check_paired("chrf", hypotheses, references);
  std::vector<NGramTable> sentences;
  sentences.reserve(hypotheses.size());
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    NGramTable counts =
        count_ngrams(without_spaces(characters_of(hypotheses[i], letter_case)),
                     without_spaces(characters_of(references[i], letter_case)), kMaxOrder);
    for (NGramCounts& order : counts) {
      order.hypothesis = order.reference > 0 ? order.hypothesis : 0;
    }
    sentences.push_back(counts);
  }
  return sentences;
}

/// F = (1 + beta^2) P R / (beta^2 P + R), where P and R are means over the orders of n-grams that
/// occur on both sides (Popović 2015, equation 1).
double score(const NGramTable& counts) {
  double precisions = 0;
  double recalls = 0;
  double orders = 0;
  for (const NGramCounts& order : counts) {
    if (order.hypothesis > 0 && order.reference > 0) {
      precisions += static_cast<double>(order.matches) / static_cast<double>(order.hypothesis);
      recalls += static_cast<double>(order.matches) / static_cast<double>(order.reference);
      orders += 1;
    }
  }
  if (precisions == 0) {
    return 0;  // no match
  }
  const double P = precisions / orders;
  const double R = recalls / orders;
  return 100 * (1 + kBeta * kBeta) * P * R / (kBeta * kBeta * P + R);
}

}  // namespace

ChrfScore corpus_chrf(std::span<const std::string> hypotheses,
                      std::span<const std::string> references, LetterCase letter_case) {
  return {score(sum(count(hypotheses, references, letter_case))),
          fmt::format("nrefs:1|case:{}|eff:yes|nc:{}|nw:0|space:no|version:weft-{}",
                      name(letter_case), kMaxOrder, version())};
}

Interval chrf_interval(std::span<const std::string> hypotheses,
                       std::span<const std::string> references, LetterCase letter_case,
                       const Bootstrap& bootstrap) {
  return bootstrap_interval(count(hypotheses, references, letter_case), score, bootstrap);
}

}  // namespace weft::data
