#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/search/decode.hpp"

namespace weft::models {

/// A hypothesis so far.
struct History {
  std::span<const std::int64_t> prefix;  ///< the forced beginning
  std::vector<std::int64_t> tokens;      ///< without `<bos>`
};

/// Restricts which tokens may come next, in the same way for every search method. A token that is
/// not allowed gets the logit -inf; the probabilities of the others do not change.
class Constraints {
 public:
  /// Keeps a reference to the options.
  explicit Constraints(const DecodeOptions& options) : options_(options) {}

  /// Whether any constraint depends on histories, apart from prefixes.
  bool active() const;

  /// Makes tokens in the history less probable (repetition penalty). logits [N, V], changed in
  /// place; one history per row.
  void penalize(Tensor& logits, std::span<const History> histories) const;

  /// Excludes tokens that are not allowed: anything but the prefix's next token; tokens that the
  /// rules exclude; `<eos>` before the minimum length; repeated n-grams. logits [N, V], changed in
  /// place.
  void exclude(Tensor& logits, std::span<const History> histories) const;

  /// The maximum length of a translation: `length_limit`, or the length of its prefix if that is
  /// larger.
  std::int64_t limit(std::span<const std::int64_t> prefix, std::int64_t source_length) const;

 private:
  const DecodeOptions& options_;
};

}  // namespace weft::models
