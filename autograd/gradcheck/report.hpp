#pragma once

#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/gradcheck/problem.hpp"

namespace weft::detail {

/// Fills in the worst element: which it is, its analytic value and its numeric ones.
void describe_worst(const Problem& problem, const Comparison& comparison, GradcheckResult& result);

/// The whole result for people; leaves after the `num_inputs` first are cotangents.
std::string report(const GradcheckResult& result, const GradcheckOptions& options,
                   std::size_t num_inputs);

}  // namespace weft::detail
