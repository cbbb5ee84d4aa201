#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/text/tokenizer.hpp"
#include "data/text/vocabulary.hpp"

/// From text to batches of ids, the scores of translations, and the toy language. Ids are int64;
/// text is UTF-8.
namespace weft::data {

/// A sentence and its translation as lines of text.
struct TextPair {
  std::string source;  ///< well-formed UTF-8, not normalized, without line end
  std::string target;  ///< the same

  /// Byte for byte: two spellings of one letter differ.
  bool operator==(const TextPair&) const = default;
};

/// A sentence and its translation as tokens.
struct TokenPair {
  std::vector<std::string> source;  ///< normalized and cut by a Tokenizer; may be empty
  std::vector<std::string> target;  ///< the same, by its own Tokenizer

  /// Byte for byte.
  bool operator==(const TokenPair&) const = default;
};

/// A sentence and its translation as ids, with neither `<bos>` nor `<eos>`.
struct SentencePair {
  std::vector<std::int64_t> source;  ///< ids of the source vocabulary, kUnk among them
  std::vector<std::int64_t> target;  ///< ids of the target vocabulary

  /// By ids: two unknown words are equal.
  bool operator==(const SentencePair&) const = default;
};

/// Reads one pair a line: source, one TAB, target. Throws Error naming file and line if a line has
/// no TAB or several, or is no text (see LineReader).
std::vector<TextPair> read_tsv(const std::string& path);

/// Reads two files whose lines with the same number are a pair. Throws Error naming both files if
/// one has more lines than the other.
std::vector<TextPair> read_parallel(const std::string& source_path, const std::string& target_path);

/// Both sides of each pair cut into tokens, each by its tokenizer.
std::vector<TokenPair> tokenize(std::span<const TextPair> pairs, const Tokenizer& source,
                                const Tokenizer& target);

/// How often each token stands on the source side and on the target side.
std::pair<TokenCounts, TokenCounts> count_tokens(std::span<const TokenPair> pairs);

/// Each pair as ids.
std::vector<SentencePair> encode(std::span<const TokenPair> pairs, const Vocabulary& source,
                                 const Vocabulary& target);

/// How many pairs `drop_unfit` removed, and why.
struct Dropped {
  std::int64_t empty = 0;     ///< one side, or both, had no token
  std::int64_t too_long = 0;  ///< otherwise: one side, or both, had more than `max_length` tokens

  /// Both numbers.
  bool operator==(const Dropped&) const = default;
};

/// Removes the pairs that a model cannot or shall not learn from: those with an empty side and,
/// if `max_length` > 0, those with a side of more tokens than that. The others keep their order.
/// Throws Error, in the name of `where`, if none is left.
Dropped drop_unfit(std::vector<TokenPair>& pairs, std::int64_t max_length,
                   const std::string& where);

}  // namespace weft::data
