#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "data/scores/bleu_tokens.hpp"
#include "data/scores/bootstrap.hpp"

namespace weft::data {

/// Corpus BLEU and its components.
struct BleuScore {
  double bleu = 0;                        ///< 0 to 100
  std::array<double, 4> precisions = {};  ///< of 1-grams to 4-grams, smoothed, 0 to 100
  double brevity_penalty = 0;             ///< 0 to 1
  std::int64_t hypothesis_length = 0;     ///< words
  std::int64_t reference_length = 0;      ///< words
  std::string signature;                  ///< how it was computed, in sacreBLEU's notation
};

/// Corpus BLEU with n-grams up to 4 and one reference per sentence (Papineni et al. 2002), equal to
/// sacreBLEU's (Post 2018): exponential smoothing of n-grams without a match (Chen and Cherry 2014,
/// method 3), no effective order. Throws Error unless the numbers of hypotheses and references are
/// equal and at least 1, and all are well-formed UTF-8.
BleuScore corpus_bleu(std::span<const std::string> hypotheses,
                      std::span<const std::string> references, BleuTokenization tokenization,
                      LetterCase letter_case = LetterCase::mixed);

/// The confidence interval of the same score. Throws Error as corpus_bleu and bootstrap_interval
/// do.
Interval bleu_interval(std::span<const std::string> hypotheses,
                       std::span<const std::string> references, BleuTokenization tokenization,
                       LetterCase letter_case, const Bootstrap& bootstrap);

/// The share of hypotheses, 0 to 1, that equal their reference byte for byte. Throws Error unless
/// the numbers of hypotheses and references are equal and at least 1.
double exact_match(std::span<const std::string> hypotheses,
                   std::span<const std::string> references);

}  // namespace weft::data
