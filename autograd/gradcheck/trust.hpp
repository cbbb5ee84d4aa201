#pragma once

#include "autograd/gradcheck/patterns.hpp"

/// Whether finite differences can be trusted.
namespace weft::detail {

/// Whether two calls give F with the same bits.
bool same_values_twice(const Problem& problem);

/// The reason to blame the differences rather than the gradient: kinks, jumps, float32
/// computations. Empty if any wrong element cannot be explained in this way.
std::optional<Finding> doubt_about_differences(const Problem& problem, const Comparison& comparison,
                                               double tolerance);

/// A recorded output that is not float64 although the inputs are.
std::optional<Finding> rounded_output(const std::vector<Tensor>& outputs);

/// A floating output outside the graph that changes with the inputs.
std::optional<Finding> lost_output(const TensorFunction& function,
                                   const std::vector<Tensor>& inputs);

/// Whether all elements of some gradient are representable in float32. With random float64
/// cotangents this happens by chance once in 2^29 for each element.
bool rounded_to_float32(const Values& analytic);

}  // namespace weft::detail
