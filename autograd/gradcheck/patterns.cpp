#include "autograd/gradcheck/patterns.hpp"

#include <array>

namespace weft::detail {
namespace {

/// Ordered from patterns that only one bug explains to those that several might.
constexpr std::array<Pattern, 12> kPatterns = {
    zero,           factor,    exchanged,         ignores_cotangent,
    ignores_output, offset,    function_of_right, transposed,
    broadcast_sum,  extra_sum, misplaced,         some_elements};

}  // namespace

Finding best_pattern(const Problem& problem, const Evidence& evidence, double tolerance) {
  const auto found = [&](Pattern pattern, std::size_t leaf) {
    return pattern(Case{problem, evidence, leaf, tolerance});
  };
  for (const Pattern pattern : kPatterns) {
    std::optional<Finding> common = found(pattern, evidence.wrong[0]);
    for (const std::size_t leaf : evidence.wrong) {
      const std::optional<Finding> other = common ? found(pattern, leaf) : std::nullopt;
      common = other && other->diagnosis == common->diagnosis ? common : std::nullopt;
    }
    if (common) {
      return *common;
    }
  }
  for (const std::size_t leaf : evidence.wrong) {
    for (const Pattern pattern : kPatterns) {
      if (const std::optional<Finding> one = found(pattern, leaf)) {
        return *one;
      }
    }
  }
  return {Diagnosis::unexplained,
          "analytic and numeric have no relation that is known here. Write the derivative down "
          "again, term by term, and compare"};
}

}  // namespace weft::detail
