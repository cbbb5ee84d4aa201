#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/language.hpp"

namespace weft::data {

/// Which of a language's tokens may come next so that they make one line of well-formed UTF-8. One
/// with a control character or a separator of lines (see `has_control`) never may, but for the TAB
/// of characters. Subwords of single bytes make whole characters, of which the same holds; only a
/// line that is cut at its greatest length may end within one, which then is U+FFFD.
class LineRules {
 public:
  /// Anything may come.
  LineRules() = default;
  /// That of the language.
  explicit LineRules(const Language& language);

  /// Whether anything may come.
  bool free() const { return never_.empty() && bytes_.empty(); }

  /// Makes -inf of what may not come after these tokens: `log_p` has a number for each token, and
  /// perhaps more.
  void exclude(std::span<float> log_p, std::span<const std::int64_t> tokens) const;

 private:
  std::string begun(std::span<const std::int64_t> tokens) const;

  std::vector<std::int64_t> never_;  // what cannot come where no character has begun
  std::vector<std::int64_t> bytes_;  // the token of each byte; empty: there are none
};

}  // namespace weft::data
