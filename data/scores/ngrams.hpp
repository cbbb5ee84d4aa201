#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weft::data {

/// The n-grams of one order in hypotheses and their references.
struct NGramCounts {
  std::int64_t hypothesis = 0;  ///< occurrences, not different ones
  std::int64_t reference = 0;   ///< the same; 0 in sentences shorter than the order
  std::int64_t matches = 0;     ///< what a hypothesis and its reference have in common

  /// All three numbers.
  bool operator==(const NGramCounts&) const = default;
};

/// The counts of the orders 1 to N; those of 1-grams come first.
using NGramTable = std::vector<NGramCounts>;

/// Counts the n-grams of a sentence, a string of symbols: characters, or words that stand as
/// numbers. An n-gram matches as often as it occurs on both sides.
NGramTable count_ngrams(std::u32string_view hypothesis, std::u32string_view reference,
                        std::size_t max_order);

/// Adds the counts of another sentence with as many orders.
void add(NGramTable& sum, const NGramTable& counts);

/// The counts of all sentences; there must be one.
NGramTable sum(const std::vector<NGramTable>& sentences);

}  // namespace weft::data
