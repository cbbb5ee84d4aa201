#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
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

/// What is wrong with a gradient, as far as numbers can tell. a is the analytic gradient, which
/// backward functions returned, n the numeric one, and both are whole tensors.
enum class Diagnosis : std::uint8_t {
  none,               ///< nothing is wrong
  factor,             ///< a = c n
  sign,               ///< a = -n
  zero,               ///< a = 0
  offset,             ///< a = n + c
  function,           ///< a = f(n) elementwise: |n|, n^2, n cut off
  one_element,        ///< wrong in one element only
  slice,              ///< wrong at one index of one dimension only
  some_values,        ///< wrong only where the input is large, small or negative
  transposed,         ///< a is n with other dimensions exchanged
  misplaced,          ///< a has n's elements in other places
  exchanged,          ///< a belongs to another input
  broadcast_sum,      ///< the input was broadcast and the gradient not summed back
  extra_sum,          ///< a was summed over a dimension that the input has itself
  not_accumulated,    ///< the input is used several times and not every use counts
  not_recorded,       ///< the input is not on the tape, or an output that depends on it
  ignores_cotangent,  ///< the incoming gradient is left out
  ignores_output,     ///< the gradient of one of several outputs is left out
  create_graph,       ///< right in first order, wrong in second
  refused,            ///< the engine refused what backward returned, or backward threw
  not_a_number,       ///< a is infinite or not a number
  kink,               ///< the function has a kink or a jump within reach of a step
  float32,            ///< the function or its backward rounds to float32
  not_deterministic,  ///< the same call gives other values, or other inputs other shapes
  unexplained,        ///< none of these
};
/// "factor", "sign", "missing broadcast sum", ...
std::string_view name(Diagnosis diagnosis);

/// What `gradcheck` found. Errors are |a - n| / max(1, |a|, |n|) for analytic a and numeric n:
/// where both are much smaller than 1 they are compared absolutely, so scale outputs up to check
/// tiny gradients. An a within the estimated error of the best of several steps counts as right.
/// Everything below `second_error` is about a wrong gradient and empty if there is none.
struct GradcheckResult {
  double error = 0;         ///< largest first-order error
  double second_error = 0;  ///< largest second-order error

  Diagnosis diagnosis = Diagnosis::none;  ///< what is wrong, `none` if all is well
  std::string explanation;                ///< of the diagnosis, in a sentence or two
  std::string failure;                    ///< the whole report for people, several lines
  std::string op;  ///< the op whose backward is wrong, where that can be told
  int order = 0;   ///< of the derivative that is wrong: 1 or 2

  // The worst element.
  std::size_t input = 0;  ///< in second order the outputs' cotangents come after the inputs
  Shape shape;            ///< of the input
  Shape index;            ///< of the element
  double analytic = 0;    ///< what backward returned
  std::array<double, 3> steps = {};    ///< h
  std::array<double, 3> numeric = {};  ///< (f(x + h) - f(x - h)) / 2h for each of them
  double numeric_error = 0;            ///< estimate of the numeric error: how far steps disagree

  /// Whether every derivative is right.
  bool ok() const { return diagnosis == Diagnosis::none; }
};

/// Compares the gradients of `function` at `inputs` (float64 where they require a gradient) with
/// central differences of sum_i <outputs[i], u_i> for random cotangents u; a plain sum would hide
/// errors (softmax's gradient under it is zero). The second order compares the gradient of
/// <gradients, v> in the same way, with respect to the inputs and to u. A wrong gradient is
/// diagnosed: see `Diagnosis`. `function` must be deterministic, its outputs' number and
/// shapes must not depend on the inputs' elements, and it may return undifferentiable outputs,
/// which are skipped: ids, masks, and floating ones outside the graph that do not change. The
/// elements of the inputs are changed in place and put back, so that `function` may as well use
/// them by other handles: a module's parameters. Throws Error if no input requires a gradient, or
/// one that does is not a leaf or not float64, and what `function` throws.
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
  std::vector<Diagnosis> diagnoses;   ///< of those failures that are wrong gradients, in order
};

/// Per sample: gradients of first and second order; the first again with one input as a constant;
/// agreement of float32 with float64, outputs and gradients; every floating output recorded, and
/// none under NoGradGuard. Then the message of every error sample. An Error out of a sample is a
/// failure like the others.
OpReport check_op(const Op& op, int samples, std::uint64_t seed = 0);

}  // namespace weft
