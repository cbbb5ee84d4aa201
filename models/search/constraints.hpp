#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/search/decode.hpp"

namespace weft::models {

/// A hypothesis so far.
struct History {
  std::span<const std::int64_t> prefix;  ///< what it has to begin with
  std::vector<std::int64_t> tokens;      ///< without `<bos>`
};

/// What may come next, apart from what the model says: the same for every way to search. A token
/// that may not is given the logit -inf; the probabilities of the others stay what they were.
class Constraints {
 public:
  /// Keeps a reference to the options.
  explicit Constraints(const DecodeOptions& options) : options_(options) {}

  /// Whether one is on that looks at histories; prefixes apart.
  bool active() const;

  /// Makes tokens of the history less probable (repetition penalty). logits [N, V], a history for
  /// each row; changed in place.
  void penalize(Tensor& logits, std::span<const History> histories) const;

  /// Excludes what may not come: all but the prefix's next token; what the rules exclude;
  /// `<eos>` before the least length; n-grams that were there. logits [N, V], changed in place.
  void exclude(Tensor& logits, std::span<const History> histories) const;

  /// The most tokens that a translation may have: `length_limit`, or its prefix's.
  std::int64_t limit(std::span<const std::int64_t> prefix, std::int64_t source_length) const;

 private:
  const DecodeOptions& options_;
};

}  // namespace weft::models
