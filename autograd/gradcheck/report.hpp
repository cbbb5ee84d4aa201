#pragma once

#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/gradcheck/problem.hpp"

namespace weft::detail {

/// Fills in the worst element: its location, analytic value and numeric values.
void describe_worst(const Problem& problem, const Comparison& comparison, GradcheckResult& result);

/// Formats the whole result for people; leaves after the first `num_inputs` are cotangents.
std::string report(const GradcheckResult& result, const GradcheckOptions& options,
                   std::size_t num_inputs);

}  // namespace weft::detail
