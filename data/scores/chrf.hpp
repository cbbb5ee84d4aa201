#pragma once

#include <span>
#include <string>

#include "data/scores/bootstrap.hpp"
#include "data/scores/score_text.hpp"

namespace weft::data {

/// A corpus's chrF.
struct ChrfScore {
  double chrf = 0;        ///< 0 to 100
  std::string signature;  ///< how it was computed, in sacreBLEU's notation
};

/// Corpus chrF2 (Popović 2015): n-grams of up to 6 characters without white space, recall weighted
/// twice as much as precision. Equal to sacreBLEU's, which counts over the corpus and averages over
/// the orders that occur (effective order). Throws Error unless the numbers of hypotheses and
/// references are equal and at least 1, and all are well-formed UTF-8.
ChrfScore corpus_chrf(std::span<const std::string> hypotheses,
                      std::span<const std::string> references,
                      LetterCase letter_case = LetterCase::mixed);

/// The confidence interval of the same score. Throws Error as corpus_chrf and bootstrap_interval
/// do.
Interval chrf_interval(std::span<const std::string> hypotheses,
                       std::span<const std::string> references, LetterCase letter_case,
                       const Bootstrap& bootstrap);

}  // namespace weft::data
