#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/search/decode.hpp"

namespace weft::models {

/// The tokens of a hypothesis so far.
struct History {
  std::int64_t sentence = 0;         ///< of the batch
  std::vector<std::int64_t> tokens;  ///< without `<bos>`
};

/// What may come next, apart from what the model says: the same for every way to search. A token
/// that may not is given the logit -inf; the probabilities of the others stay what they were.
class Constraints {
 public:
  /// Keeps references to both.
  Constraints(const DecodeOptions& options, const SentenceOptions& sentences)
      : options_(options), sentences_(sentences) {}

  /// Whether any of them is on: only then need histories be made.
  bool active() const;

  /// Makes tokens of the history less probable (repetition penalty). logits [N, V], a history for
  /// each row; changed in place.
  void penalize(Tensor& logits, std::span<const History> histories) const;

  /// Excludes what may not come: all but the prefix's next token; `<eos>` before the least length;
  /// n-grams that were there. logits [N, V], changed in place.
  void exclude(Tensor& logits, std::span<const History> histories) const;

  /// The most tokens that a sentence's translation may have: `length_limit`, or its prefix's.
  std::int64_t limit(std::int64_t sentence, std::int64_t source_length) const;

 private:
  std::span<const std::int64_t> prefix(std::int64_t sentence) const;

  const DecodeOptions& options_;
  const SentenceOptions& sentences_;
};

}  // namespace weft::models
