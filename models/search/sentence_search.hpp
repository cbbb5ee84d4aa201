#pragma once

#include <vector>

#include "models/search/constraints.hpp"
#include "models/search/next_tokens.hpp"

namespace weft::models {

/// What a search knows of the sentence that it translates.
struct Sentence {
  std::int64_t source_length = 0;    ///< true positions of its source
  std::int64_t limit = 0;            ///< most tokens of a translation, `<eos>` not counted
  std::vector<std::int64_t> prefix;  ///< what its translation begins with
  std::uint64_t key = 0;             ///< what draws depend on, beside the seed
};

/// The hypotheses of one sentence on their way, each a row of the session: a way to search. It has
/// its own length, so that sentences may begin and end at any step.
class SentenceSearch {
 public:
  virtual ~SentenceSearch() = default;

  /// Rows that go on; none: the search has ended.
  virtual std::int64_t rows() const = 0;
  /// The last token of a row, `<bos>` before the first step.
  virtual std::int64_t last_token(std::int64_t row) const = 0;
  /// A row so far.
  virtual History history(std::int64_t row) const = 0;
  /// Goes on by one token. Its rows stand in `next` from `first` on. For each row that it has then,
  /// the row of `next` that it continues is added to `parents`.
  virtual void advance(const NextTokens& next, std::int64_t first,
                       std::vector<std::int64_t>& parents) = 0;
  /// The translations, best first, once the search has ended: at least one.
  virtual std::vector<Hypothesis> take() = 0;
};

}  // namespace weft::models
