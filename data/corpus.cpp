#include "data/corpus.hpp"

#include <algorithm>
#include <cstddef>

#include "autograd/error.hpp"
#include "data/text/line_reader.hpp"

namespace weft::data {
namespace {

std::int64_t count_remaining_lines(LineReader& reader) {
  std::string line;
  while (reader.next(line)) {
  }
  return reader.line_number();
}

/// Throws Error: `longer` has just read a line that has no counterpart in `shorter`.
[[noreturn]] void fail_without_partner(LineReader& longer, const LineReader& shorter) {
  const std::string first = longer.where();
  const std::int64_t lines = count_remaining_lines(longer);
  fail("{} and {}: numbers of lines differ; got {} and {}; the first unpaired line is {}",
       longer.name(), shorter.name(), lines, shorter.line_number(), first);
}

bool has_empty_side(const TokenPair& pair) { return pair.source.empty() || pair.target.empty(); }

}  // namespace

std::vector<TextPair> read_tsv(const std::string& path) {
  LineReader reader(path);
  std::vector<TextPair> pairs;
  std::string line;
  while (reader.next(line)) {
    const auto tabs = std::count(line.begin(), line.end(), '\t');
    if (tabs != 1) {
      fail("{}: wrong number of columns; got {} TAB characters; expected source TAB target",
           reader.where(), tabs);
    }
    const std::size_t tab = line.find('\t');
    pairs.push_back({line.substr(0, tab), line.substr(tab + 1)});
  }
  return pairs;
}

std::vector<TextPair> read_parallel(const std::string& source_path,
                                    const std::string& target_path) {
  LineReader source(source_path);
  LineReader target(target_path);
  std::vector<TextPair> pairs;
  TextPair pair;
  while (true) {
    const bool has_source = source.next(pair.source);
    const bool has_target = target.next(pair.target);
    if (has_source != has_target) {
      has_source ? fail_without_partner(source, target) : fail_without_partner(target, source);
    }
    if (!has_source) {
      return pairs;
    }
    pairs.push_back(pair);
  }
}

std::vector<TokenPair> tokenize(std::span<const TextPair> pairs, const Tokenizer& source,
                                const Tokenizer& target) {
  std::vector<TokenPair> result;
  result.reserve(pairs.size());
  for (const TextPair& pair : pairs) {
    result.push_back({source.tokenize(pair.source), target.tokenize(pair.target)});
  }
  return result;
}

std::pair<TokenCounts, TokenCounts> count_tokens(std::span<const TokenPair> pairs) {
  std::pair<TokenCounts, TokenCounts> counts;
  for (const TokenPair& pair : pairs) {
    count_tokens(pair.source, counts.first);
    count_tokens(pair.target, counts.second);
  }
  return counts;
}

std::vector<SentencePair> encode(std::span<const TokenPair> pairs, const Vocabulary& source,
                                 const Vocabulary& target) {
  std::vector<SentencePair> result;
  result.reserve(pairs.size());
  for (const TokenPair& pair : pairs) {
    result.push_back({source.encode(pair.source), target.encode(pair.target)});
  }
  return result;
}

Dropped drop_unfit(std::vector<TokenPair>& pairs, std::int64_t max_length,
                   const std::string& where) {
  const auto is_long = [max_length](const TokenPair& pair) {
    const std::size_t longest = std::max(pair.source.size(), pair.target.size());
    return max_length > 0 && longest > static_cast<std::size_t>(max_length);
  };
  Dropped dropped;
  dropped.empty = static_cast<std::int64_t>(std::erase_if(pairs, has_empty_side));
  dropped.too_long = static_cast<std::int64_t>(std::erase_if(pairs, is_long));
  if (pairs.empty()) {
    fail("{}: no sentence pairs left; got {} with an empty side and {} with more than {} tokens",
         where, dropped.empty, dropped.too_long, max_length);
  }
  return dropped;
}

}  // namespace weft::data
