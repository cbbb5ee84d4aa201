#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weft::data {

/// The n-grams of one order in hypotheses and their references.
struct NGramCounts {
  std::int64_t hypothesis = 0;  ///< occurrences, not distinct n-grams
  std::int64_t reference = 0;   ///< likewise; 0 in sentences shorter than the order
  std::int64_t matches = 0;     ///< n-grams that a hypothesis shares with its reference

  /// All three numbers.
  bool operator==(const NGramCounts&) const = default;
};

/// The counts for the orders 1 to N, beginning with 1-grams.
using NGramTable = std::vector<NGramCounts>;

/// Counts the n-grams of a sentence, a string of symbols: characters, or words encoded as numbers.
/// An n-gram matches as often as it occurs on both sides.
NGramTable count_ngrams(std::u32string_view hypothesis, std::u32string_view reference,
                        std::size_t max_order);

/// Adds the counts of another sentence, which has the same number of orders.
void add(NGramTable& sum, const NGramTable& counts);

/// Returns the sum of the counts of all sentences. There must be at least one sentence.
NGramTable sum(const std::vector<NGramTable>& sentences);

}  // namespace weft::data
