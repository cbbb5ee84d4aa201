#pragma once

#include "autograd/gradcheck/patterns.hpp"
#include "autograd/gradcheck/witness.hpp"

namespace weft::detail {

/// What is wrong with gradients that failed a comparison. Asks first whether the function can be
/// differentiated by differences at all, then what the tape knows, then which pattern fits.
Finding diagnose(const Problem& problem, const Comparison& comparison, const Testimony& testimony,
                 double tolerance, Generator& generator);

/// Why the engine refused what a backward function returned.
Finding diagnose_refusal(const std::string& message, const TensorFunction& function,
                         const std::vector<Tensor>& inputs);

}  // namespace weft::detail
