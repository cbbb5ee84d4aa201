#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "data/line_rules.hpp"
#include "models/search/decode.hpp"

namespace weft::models {

/// A hypothesis so far.
struct History {
  std::span<const std::int64_t> prefix;  ///< the forced beginning
  std::vector<std::int64_t> tokens;      ///< the last ones, at least `Constraints::reach`
  std::int64_t length;                   ///< number of all its tokens, without `<bos>`
};

/// Restricts which tokens may come next, in the same way for every search method. A token that is
/// not allowed gets the logit -inf; the probabilities of the others do not change.
class Constraints {
 public:
  /// Keeps a reference to the options.
  explicit Constraints(const DecodeOptions& options, data::LineRules rules = {})
      : options_(options), rules_(std::move(rules)) {}

  /// Whether any constraint depends on histories, apart from prefixes.
  bool active() const;
  /// The number of last tokens of a history that the constraints depend on.
  std::int64_t reach() const;

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
  data::LineRules rules_;
};

}  // namespace weft::models
