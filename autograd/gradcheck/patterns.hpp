#pragma once

#include <optional>
#include <string>

#include "autograd/gradcheck/evidence.hpp"
#include "autograd/gradcheck/gradcheck.hpp"

/// Known patterns of wrong gradients. Each function tests for one pattern, which must hold in the
/// whole gradient and in every draw of the cotangents.
namespace weft::detail {

struct Finding {
  Diagnosis diagnosis = Diagnosis::none;
  std::string text;
};
using Pattern = std::optional<Finding> (*)(const Case& wrong);

// patterns_values.cpp: every element is wrong in the same way
std::optional<Finding> zero(const Case& wrong);
std::optional<Finding> factor(const Case& wrong);
std::optional<Finding> offset(const Case& wrong);
std::optional<Finding> function_of_right(const Case& wrong);

// patterns_sources.cpp: correct numbers, but of something else
std::optional<Finding> exchanged(const Case& wrong);
std::optional<Finding> ignores_cotangent(const Case& wrong);
std::optional<Finding> ignores_output(const Case& wrong);
std::optional<Finding> transposed(const Case& wrong);
std::optional<Finding> misplaced(const Case& wrong);

// patterns_places.cpp: sums over the wrong elements, and errors in only some elements
std::optional<Finding> broadcast_sum(const Case& wrong);
std::optional<Finding> extra_sum(const Case& wrong);
std::optional<Finding> some_elements(const Case& wrong);

/// The first pattern that all wrong gradients have in common, else that of the worst one.
Finding best_pattern(const Problem& problem, const Evidence& evidence, double tolerance);

}  // namespace weft::detail
