#include "autograd/suggest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "autograd/error.hpp"

namespace weft {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Rows i - 2, i - 1 and i of the table d[i][j]: the distance of a's first i bytes to b's first j.
  std::vector<std::size_t> two_above(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(two_above, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], two_above[j - 2] + 1);
      }
    }
  }
  return row.back();
}

std::string_view suggest(std::string_view written, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = 0;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(written, candidate);
    const bool near = 3 * distance <= std::max(written.size(), candidate.size());
    if (near && (best.empty() || distance < best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::size_t choose(std::string_view where, std::string_view written,
                   std::span<const std::string_view> choices) {
  const auto found = std::find(choices.begin(), choices.end(), written);
  if (found == choices.end()) {
    fail("{}: unknown name; got {}; expected one of {}{}", where, written, fmt::join(choices, ", "),
         did_you_mean(written, choices));
  }
  return static_cast<std::size_t>(found - choices.begin());
}

std::string did_you_mean(std::string_view written, std::span<const std::string_view> candidates) {
  const std::string_view best = suggest(written, candidates);
  return best.empty() ? std::string() : fmt::format("; hint: did you mean {}?", best);
}

}  // namespace weft
