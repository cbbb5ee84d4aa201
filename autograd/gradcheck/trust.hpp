#pragma once

#include "autograd/gradcheck/patterns.hpp"

/// Whether differences can be trusted.
namespace weft::detail {

/// Whether F has the same bits in two calls.
bool same_values_twice(const Problem& problem);

/// The reason to blame the differences rather than the gradient: kinks, jumps, float32 inside.
/// Nothing if one wrong element cannot be explained so.
std::optional<Finding> doubt_about_differences(const Problem& problem, const Comparison& comparison,
                                               double tolerance);

/// Whether all of some gradient are float32 numbers. Weighed by random float64 cotangents they are
/// so by chance once in 2^29 for each element.
bool rounded_to_float32(const Values& analytic);

}  // namespace weft::detail
