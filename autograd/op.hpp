#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "autograd/sampler.hpp"
#include "autograd/tensor.hpp"

namespace weft {

/// A computation on tensors.
using TensorFunction = std::function<std::vector<Tensor>(const std::vector<Tensor>&)>;

/// One valid call of an op: inputs (floating ones in float64) and the function that takes them.
/// Attributes such as a dimension are captured by the function. Inputs stay away from kinks.
struct Sample {
  /// `call` may return one Tensor or a vector of them.
  template <class F>
  Sample(std::vector<Tensor> arguments, F call) : inputs(std::move(arguments)) {
    if constexpr (std::same_as<std::invoke_result_t<F, const std::vector<Tensor>&>, Tensor>) {
      function = [call](const std::vector<Tensor>& x) { return std::vector{call(x)}; };
    } else {
      function = call;
    }
  }

  std::vector<Tensor> inputs;  ///< `function` is differentiated with respect to these
  TensorFunction function;     ///< calls the op
};

/// Makes one random sample, with shapes and values from the sampler.
using SampleFunction = std::function<Sample(Sampler&)>;

/// One invalid call of an op and the message it must produce.
struct ErrorSample {
  std::function<void()> call;  ///< throws Error
  std::string message;         ///< the complete error message
};

/// Whether the tape keeps the op's outputs for its backward function.
enum class KeepOutputs : bool { no, yes };

/// A recordable operation. It cannot be constructed without samples, so no node exists whose
/// gradient goes unchecked. The library's ops are objects of static lifetime that register
/// themselves, and one test sweeps all of them (gradcheck.hpp).
class Op {
 public:
  /// Registers the op. Throws Error if `samples` is empty.
  Op(std::string name, SampleFunction samples, std::vector<ErrorSample> errors,
     KeepOutputs keep_outputs = KeepOutputs::no);
  ~Op();
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;

  /// An op for experiments, with the reason why its gradient is not checked. Not registered.
  static Op unchecked(std::string name, const std::string& reason,
                      KeepOutputs keep_outputs = KeepOutputs::no);

  /// The name shown in error messages and graphs.
  const std::string& name() const { return name_; }
  /// Whether the tape keeps the outputs for the backward function.
  bool keeps_outputs() const { return keep_outputs_ == KeepOutputs::yes; }
  /// Draws one random sample. Throws Error for an unchecked op.
  Sample sample(Sampler& sampler) const { return samples_(sampler); }
  /// The invalid calls.
  const std::vector<ErrorSample>& errors() const { return errors_; }

 private:
  Op(std::string name, KeepOutputs keep_outputs);

  std::string name_;
  SampleFunction samples_;
  std::vector<ErrorSample> errors_;
  KeepOutputs keep_outputs_;
};

/// All registered ops, sorted by name. A program that links the static library has only the ops
/// whose functions it uses; weft itself and its tests link every object.
std::vector<const Op*> registered_ops();

}  // namespace weft
