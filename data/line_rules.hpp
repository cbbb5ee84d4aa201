#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/language.hpp"

namespace weft::data {

/// Decides which tokens of a language may come next, so that the output is one line of well-formed
/// UTF-8. Tokens with a control character or a line separator (see `has_control`) are never
/// allowed, except the TAB of character tokenizers. Subwords for single bytes must form whole
/// characters, which follow the same rule. Only a line that is cut at the length limit may end
/// inside a character, which then becomes U+FFFD.
class LineRules {
 public:
  /// Allows every token.
  LineRules() = default;
  /// The rules for a language.
  explicit LineRules(const Language& language);

  /// Whether every token is allowed.
  bool free() const { return never_.empty() && bytes_.empty(); }

  /// The number of last tokens that decide which token may come next: an incomplete character has
  /// at most three bytes.
  static constexpr std::int64_t kReach = 3;

  /// Sets `log_p` to -inf for the tokens that may not follow `tokens`, of which the last kReach
  /// suffice. `log_p` has one entry per token, and may have more.
  void exclude(std::span<float> log_p, std::span<const std::int64_t> tokens) const;

 private:
  std::string begun(std::span<const std::int64_t> tokens) const;

  std::vector<std::int64_t> never_;  // not allowed unless a character is incomplete
  std::vector<std::int64_t> bytes_;  // the token for each byte; empty if there are none
};

}  // namespace weft::data
