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

/// A recorded output that is not float64, though the inputs are.
std::optional<Finding> rounded_output(const std::vector<Tensor>& outputs);

/// A floating output outside the graph that changes with the inputs.
std::optional<Finding> lost_output(const TensorFunction& function,
                                   const std::vector<Tensor>& inputs);

/// Whether all of some gradient are float32 numbers. Weighed by random float64 cotangents they are
/// so by chance once in 2^29 for each element.
bool rounded_to_float32(const Values& analytic);

}  // namespace weft::detail
