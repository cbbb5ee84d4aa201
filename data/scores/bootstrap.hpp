#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "data/scores/ngrams.hpp"

namespace weft::data {

/// How an interval is estimated.
struct Bootstrap {
  std::int64_t resamples = 1000;  ///< >= 1; one score is computed for each
  std::uint64_t seed = 1;         ///< of the sentences drawn; the default generator is not used
};

/// The range in which a score lies with 95 % confidence.
struct Interval {
  double low = 0;   ///< in the unit of the score: 0 to 100 for BLEU and chrF
  double high = 0;  ///< >= low
};

/// Bootstrap resampling (Koehn 2004, "Statistical significance tests for machine translation
/// evaluation"): scores `resamples` test sets, each of sentences drawn from this one with
/// replacement, and discards the lowest and the highest fortieth of the scores. The same seed draws
/// the same sentences, whatever the score. Throws Error unless there is at least one sentence and
/// `resamples` is at least 1.
Interval bootstrap_interval(const std::vector<NGramTable>& sentences,
                            const std::function<double(const NGramTable& counts)>& score,
                            const Bootstrap& bootstrap);

}  // namespace weft::data
