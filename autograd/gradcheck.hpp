#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "autograd/op.hpp"

namespace weft {

/// How strict `gradcheck` is.
struct GradcheckOptions {
  double tolerance = 1e-6;         ///< largest first-order error
  double second_tolerance = 1e-5;  ///< largest second-order error
  bool second_order = true;        ///< whether second derivatives are checked
  std::uint64_t seed = 0;          ///< of the cotangents
};

/// What `gradcheck` found. Errors are |a - n| / max(1, |a|, |n|) for analytic a and numeric n.
struct GradcheckResult {
  double error = 0;         ///< largest first-order error
  double second_error = 0;  ///< largest second-order error
  /// Empty if all is well; else the worst element: order, input, index, analytic and numeric
  /// values, the latter at three step sizes.
  std::string failure;

  /// Whether every derivative is right.
  bool ok() const { return failure.empty(); }
};

/// Compares the gradients of `function` at `inputs` (float64 where they require a gradient) with
/// central differences of sum_i <outputs[i], u_i> for random cotangents u; a plain sum would hide
/// errors (softmax's gradient under it is zero). The second order compares the gradient of
/// <gradients, v> in the same way, with respect to the inputs and to u. `function` must be
/// deterministic and may return undifferentiable outputs, which are skipped. The elements of the
/// inputs are changed in place and put back, so that `function` may as well use them by other
/// handles: a module's parameters. Throws Error if no input requires a gradient, or one that does
/// is not a leaf or not float64.
GradcheckResult gradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options = {});

/// Relative error of the derivative of a scalar function along one random direction through all
/// `parameters` (float64 leaves, changed and restored): for whole models, where a check of each
/// element would take too long. The least error of three step sizes, differences of fourth order.
double directional_error(const std::function<Tensor()>& loss, const std::vector<Tensor>& parameters,
                         std::uint64_t seed);

/// Everything that is promised of an op, checked on random samples.
struct OpReport {
  std::string name;                   ///< of the op
  int samples = 0;                    ///< that were checked
  double error = 0;                   ///< largest first-order error
  double second_error = 0;            ///< largest second-order error
  std::vector<std::string> failures;  ///< one line each; empty if all is well
};

/// Per sample: gradients of first and second order; the first again with one input as a constant;
/// agreement of float32 with float64, outputs and gradients; every floating output recorded, and
/// none under NoGradGuard. Then the message of every error sample. An Error out of a sample is a
/// failure like the others.
OpReport check_op(const Op& op, int samples, std::uint64_t seed = 0);

}  // namespace weft
