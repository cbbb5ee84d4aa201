#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/corpus.hpp"

namespace weft::data {

/// Pairs of a corpus with the same peculiarity.
struct Findings {
  /// How many are told by their lines; the others are counted alone.
  static constexpr std::size_t kNamed = 5;

  std::int64_t count = 0;           ///< of all such pairs, those beyond kNamed too
  std::vector<std::int64_t> lines;  ///< of the first or worst kNamed, numbered from 1

  /// The same count and the same lines in the same order.
  bool operator==(const Findings&) const = default;
};

/// How many tokens a sentence has. A percentile is the smallest length that this many percent of
/// the sentences do not exceed.
struct Lengths {
  double mean = 0;                ///< 0 without sentences, as are the others
  std::int64_t median = 0;        ///< the 50th percentile, never between two lengths
  std::int64_t percentile95 = 0;  ///< one sentence in 20, at most, is longer
  std::int64_t longest = 0;       ///< the 100th percentile
};

/// One side of a corpus.
struct SideReport {
  std::int64_t tokens = 0;  ///< as the tokenizer cut them, without `<bos>` and `<eos>`
  std::int64_t types = 0;   ///< different tokens
  Lengths lengths;          ///< of all sentences, in tokens
};

/// A corpus as it was read, before any pair is left out.
struct CorpusReport {
  std::int64_t pairs = 0;  ///< lines of the file, empty ones included
  SideReport source;       ///< an empty side counts as a sentence of length 0
  SideReport target;       ///< the same
  Findings empty;          ///< a side has no token
  Findings repeated;       ///< an earlier pair has the same text
  Findings copied;         ///< both sides have the same text
  Findings misaligned;     ///< far from the usual ratio of lengths, worst first
  Findings control;        ///< a control character other than TAB, or a separator of lines
  Findings replacement;    ///< U+FFFD, which stands for what could not be read
  Findings unnormalized;   ///< not in NFC: letters written in another way than most text has them
};

/// What is to be known of a corpus before anything is learnt from it. `tokens` are those of `text`,
/// pair by pair.
CorpusReport report_corpus(std::span<const TextPair> text, std::span<const TokenPair> tokens);

/// The pairs with a side of more than `max_length` tokens; none if that is 0.
Findings find_long(std::span<const TokenPair> tokens, std::int64_t max_length);

/// The pairs with a word that subwords are learnt from in pieces.
Findings find_cut_words(std::span<const TextPair> text);

/// How far each pair's lengths, in code points, are from the corpus's usual ratio, in units of the
/// usual distance; 0 if a side has no text. Gale and Church (Computational Linguistics 19, 1993)
/// take a translation's length for normally distributed with mean c l and variance s^2 l, where l
/// is the source's length; here c is the ratio of all lengths, l the mean of target and c source,
/// so that both directions count alike, and s the median distance, so that outliers do not hide
/// themselves.
std::vector<double> length_deviations(std::span<const TextPair> text);

/// A deviation above this is likely to be no translation.
inline constexpr double kMisaligned = 5;

/// Pairs kept for testing that a model would have seen in training.
struct Overlap {
  Findings sources;  ///< the source stands in `train` too
  Findings pairs;    ///< and with the same target
};
/// What of `other` stands in `train`, byte for byte; lines are those of `other`. Pairs of `train`
/// with an empty side do not count.
Overlap find_overlap(std::span<const TextPair> train, std::span<const TextPair> other);

/// The share of tokens without an id of their own.
struct UnknownShare {
  double source = 0;  ///< 0 to 1; 0 if there is no token
  double target = 0;  ///< the same of the target side
};
/// Counts kUnk among the ids of each side.
UnknownShare unknown_share(std::span<const SentencePair> corpus);

}  // namespace weft::data
