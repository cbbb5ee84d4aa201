#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/text/tokenizer.hpp"
#include "data/text/vocabulary.hpp"

/// From text to batches of ids; scores of translations; toy tasks. Ids are int64, text is UTF-8.
namespace weft::data {

/// A sentence and its translation as lines of text.
struct TextPair {
  std::string source;  ///< well-formed UTF-8, not normalized, without line end
  std::string target;  ///< the same

  /// Compares bytes: different encodings of the same letter are unequal.
  bool operator==(const TextPair&) const = default;
};

/// A sentence and its translation as tokens.
struct TokenPair {
  std::vector<std::string> source;  ///< normalized and tokenized; may be empty
  std::vector<std::string> target;  ///< the same, with its own Tokenizer

  /// Compares bytes.
  bool operator==(const TokenPair&) const = default;
};

/// A sentence and its translation as ids, with neither `<bos>` nor `<eos>`.
struct SentencePair {
  std::vector<std::int64_t> source;  ///< ids of the source vocabulary, kUnk among them
  std::vector<std::int64_t> target;  ///< ids of the target vocabulary

  /// Compares ids: all unknown words are equal.
  bool operator==(const SentencePair&) const = default;
};

/// Reads one pair per line: source, TAB, target. Throws Error naming file and line unless a line
/// has exactly one TAB and is valid text (see LineReader).
std::vector<TextPair> read_tsv(const std::string& path);

/// Reads two files with one sentence per line; lines of the same number form a pair. Throws Error
/// naming both files if one has more lines than the other.
std::vector<TextPair> read_parallel(const std::string& source_path, const std::string& target_path);

/// Tokenizes both sides of each pair.
std::vector<TokenPair> tokenize(std::span<const TextPair> pairs, const Tokenizer& source,
                                const Tokenizer& target);

/// Counts the tokens of the source side and of the target side.
std::pair<TokenCounts, TokenCounts> count_tokens(std::span<const TokenPair> pairs);

/// Converts pairs to ids.
std::vector<SentencePair> encode(std::span<const TokenPair> pairs, const Vocabulary& source,
                                 const Vocabulary& target);

/// How many pairs `drop_unfit` removed, and why.
struct Dropped {
  std::int64_t empty = 0;     ///< a side had no tokens
  std::int64_t too_long = 0;  ///< otherwise: a side had more than `max_length` tokens

  /// Compares both numbers.
  bool operator==(const Dropped&) const = default;
};

/// Removes pairs with an empty side and, if `max_length` > 0, pairs with more tokens than that on
/// either side. Keeps the order of the others. Throws Error, prefixed with `where`, if none is
/// left.
Dropped drop_unfit(std::vector<TokenPair>& pairs, std::int64_t max_length,
                   const std::string& where);

}  // namespace weft::data
