#pragma once

#include <vector>

#include "models/search/constraints.hpp"
#include "models/search/next_tokens.hpp"

namespace weft::models {

/// What a search knows about its sentence.
struct Sentence {
  std::int64_t source_length = 0;    ///< number of source positions without padding
  std::int64_t limit = 0;            ///< maximum length of a translation, without `<eos>`
  std::vector<std::int64_t> prefix;  ///< forced beginning of the translation
  std::uint64_t key = 0;             ///< with the seed, determines the draws of sampling
};

/// A search for one sentence. Its live hypotheses are rows of a session that many sentences share;
/// they all have the same length, but sentences may start and finish at any step.
class SentenceSearch {
 public:
  virtual ~SentenceSearch() = default;

  /// The number of live hypotheses; 0 when the search is finished.
  virtual std::int64_t rows() const = 0;
  /// The last token of a row, `<bos>` before the first step.
  virtual std::int64_t last_token(std::int64_t row) const = 0;
  /// The number of tokens of each row, without `<bos>`.
  virtual std::int64_t length() const = 0;
  /// The last tokens of a row: `most` of them, or all.
  virtual History history(std::int64_t row, std::int64_t most) const = 0;
  /// Extends the hypotheses by one token. Their candidates are in rows `first`, `first + 1` ... of
  /// `next`. For each hypothesis that is live afterwards, appends to `parents` the row that it
  /// continues.
  virtual void advance(const NextTokens& next, std::int64_t first,
                       std::vector<std::int64_t>& parents) = 0;
  /// The translations, best first, once the search is finished; at least one.
  virtual std::vector<Hypothesis> take() = 0;
};

}  // namespace weft::models
