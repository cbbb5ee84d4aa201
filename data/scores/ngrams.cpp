#include "data/scores/ngrams.hpp"

#include <algorithm>
#include <iterator>

namespace weft::data {
namespace {

std::vector<std::u32string_view> sorted_ngrams(std::u32string_view symbols, std::size_t order) {
  std::vector<std::u32string_view> ngrams;
  ngrams.reserve(symbols.size());
  for (std::size_t begin = 0; begin + order <= symbols.size(); ++begin) {
    ngrams.push_back(symbols.substr(begin, order));
  }
  std::sort(ngrams.begin(), ngrams.end());
  return ngrams;
}

}  // namespace

NGramTable count_ngrams(std::u32string_view hypothesis, std::u32string_view reference,
                        std::size_t max_order) {
  NGramTable table;
  table.reserve(max_order);
  for (std::size_t order = 1; order <= max_order; ++order) {
    const auto found = sorted_ngrams(hypothesis, order);
    const auto expected = sorted_ngrams(reference, order);
    std::vector<std::u32string_view> common;
    std::set_intersection(found.begin(), found.end(), expected.begin(), expected.end(),
                          std::back_inserter(common));  // an intersection of multisets
    table.push_back({std::ssize(found), std::ssize(expected), std::ssize(common)});
  }
  return table;
}

void add(NGramTable& sum, const NGramTable& counts) {
  for (std::size_t n = 0; n < sum.size(); ++n) {
    sum[n].hypothesis += counts[n].hypothesis;
    sum[n].reference += counts[n].reference;
    sum[n].matches += counts[n].matches;
  }
}

NGramTable sum(const std::vector<NGramTable>& sentences) {
  NGramTable total(sentences.front().size());
  for (const NGramTable& sentence : sentences) {
    add(total, sentence);
  }
  return total;
}

}  // namespace weft::data
