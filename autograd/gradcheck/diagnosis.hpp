#pragma once

#include "autograd/gradcheck/patterns.hpp"
#include "autograd/gradcheck/witness.hpp"

namespace weft::detail {

/// Diagnoses gradients that failed a comparison: checks first whether finite differences can be
/// trusted for this function at all, then what the tape knows, then which pattern fits.
Finding diagnose(const Problem& problem, const Comparison& comparison, const Testimony& testimony,
                 double tolerance, Generator& generator);

/// Diagnoses why the engine rejected the result of a backward function.
Finding diagnose_refusal(const std::string& message, const TensorFunction& function,
                         const std::vector<Tensor>& inputs);

}  // namespace weft::detail
