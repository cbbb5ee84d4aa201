#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/op.hpp"

namespace weft {

/// Settings of `gradcheck`.
struct GradcheckOptions {
  double tolerance = 1e-6;         ///< largest first-order error
  double second_tolerance = 1e-5;  ///< largest second-order error
  bool second_order = true;        ///< whether second derivatives are checked
  std::uint64_t seed = 0;          ///< for the cotangents
};

/// What is wrong with a gradient, as far as the numbers show. a is the analytic gradient, returned
/// by backward functions, and n the numeric one; both are whole tensors.
enum class Diagnosis : std::uint8_t {
  none,               ///< nothing is wrong
  factor,             ///< a = c n
  sign,               ///< a = -n
  zero,               ///< a = 0
  offset,             ///< a = n + c
  function,           ///< a = f(n) elementwise: |n|, n^2, n clipped
  one_element,        ///< only one element is wrong
  slice,              ///< wrong only at one index of one dimension
  some_values,        ///< wrong only where the input is large, small or negative
  transposed,         ///< a is n with its dimensions permuted
  misplaced,          ///< a has the elements of n in other positions
  exchanged,          ///< a belongs to another input
  broadcast_sum,      ///< the input was broadcast but the gradient not summed back
  extra_sum,          ///< a was summed over a dimension that the input itself has
  not_accumulated,    ///< the input is used several times but not every use is added
  not_recorded,       ///< the input, or an output that depends on it, is not on the tape
  ignores_cotangent,  ///< the incoming gradient is ignored
  ignores_output,     ///< the gradient of one of several outputs is ignored
  create_graph,       ///< correct in first order, wrong in second
  refused,            ///< the engine rejected the result of a backward function, or backward threw
  not_a_number,       ///< a is infinite or NaN
  kink,               ///< the function has a kink or a jump within one step
  float32,            ///< the function or its backward rounds to float32
  not_deterministic,  ///< repeated calls give different values, or other inputs other shapes
  unexplained,        ///< none of the above
};
/// "factor", "sign", "missing broadcast sum", ...
std::string_view name(Diagnosis diagnosis);

/// The result of `gradcheck`. Errors are |a - n| / max(1, |a|, |n|) for analytic a and numeric n:
/// where both are much smaller than 1 they are compared absolutely, so scale the outputs up to
/// check tiny gradients. An a within the estimated error of the best of several steps counts as
/// correct. The fields below `second_error` describe a wrong gradient and are empty if there is
/// none.
struct GradcheckResult {
  double error = 0;         ///< largest first-order error
  double second_error = 0;  ///< largest second-order error

  Diagnosis diagnosis = Diagnosis::none;  ///< `none` if everything is correct
  std::string explanation;                ///< the diagnosis in a sentence or two
  std::string failure;                    ///< the whole report for people, several lines
  std::string op;                         ///< the op whose backward is wrong, if known
  int order = 0;                          ///< of the derivative that is wrong: 1 or 2

  // The worst element.
  std::size_t input = 0;  ///< in second order, the cotangents of the outputs follow the inputs
  Shape shape;            ///< of the input
  Shape index;            ///< of the element
  double analytic = 0;    ///< returned by backward
  std::array<double, 3> steps = {};    ///< h
  std::array<double, 3> numeric = {};  ///< (f(x + h) - f(x - h)) / 2h for each h
  double numeric_error = 0;            ///< estimated numeric error: how far the steps disagree

  /// Whether every derivative is correct.
  bool ok() const { return diagnosis == Diagnosis::none; }
};

/// Compares the gradients of `function` at `inputs` (float64 where they require a gradient) with
/// central differences of sum_i <outputs[i], u_i> for random cotangents u; a plain sum would hide
/// errors (the gradient of softmax under it is zero). Second order compares the gradient of
/// <gradients, v> in the same way, with respect to the inputs and to u. A wrong gradient is
/// diagnosed: see `Diagnosis`. `function` must be deterministic, and the number and shapes of its
/// outputs must not depend on the elements of the inputs. It may return non-differentiable outputs,
/// which are skipped: ids, masks, and floating ones outside the graph that do not change. The
/// elements of the inputs are changed in place and restored, so `function` may also use them
/// through other handles, such as the parameters of a module. Throws Error if no input requires a
/// gradient, or if one that does is not a leaf or not float64; rethrows what `function` throws.
GradcheckResult gradcheck(const TensorFunction& function, const std::vector<Tensor>& inputs,
                          const GradcheckOptions& options = {});

/// Relative error of the derivative of a scalar function along one random direction through all
/// `parameters` (float64 leaves, changed and restored): for whole models, where checking each
/// element would take too long. The smallest error of three step sizes, with fourth-order
/// differences.
double directional_error(const std::function<Tensor()>& loss, const std::vector<Tensor>& parameters,
                         std::uint64_t seed);

/// The result of checking all properties of an op on random samples.
struct OpReport {
  std::string name;                   ///< of the op
  int samples = 0;                    ///< number checked
  double error = 0;                   ///< largest first-order error
  double second_error = 0;            ///< largest second-order error
  std::vector<std::string> failures;  ///< one line each; empty if everything is correct
  std::vector<Diagnosis> diagnoses;   ///< of the failures that are wrong gradients, in order
};

/// Checks per sample: first- and second-order gradients; first-order gradients again with one input
/// constant; agreement of float32 with float64, in outputs and gradients; that every floating
/// output is recorded, and none under NoGradGuard. Then checks the message of every error sample.
/// An Error thrown by a sample is a failure like any other.
OpReport check_op(const Op& op, int samples, std::uint64_t seed = 0);

}  // namespace weft
