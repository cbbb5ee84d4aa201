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

/// One valid use of an op: inputs (floating ones in float64) and the call that takes them.
/// Attributes such as a dimension are captured by the call. Inputs keep away from kinks.
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

  std::vector<Tensor> inputs;  ///< what `function` is differentiated with respect to
  TensorFunction function;     ///< calls the op
};

/// Makes one random sample: shapes and values come from the sampler.
using SampleFunction = std::function<Sample(Sampler&)>;

/// One wrong use of an op and the message it must give.
struct ErrorSample {
  std::function<void()> call;  ///< throws Error
  std::string message;         ///< the error's whole message
};

/// Whether a backward function reads the op's outputs, which the tape then keeps for it.
enum class KeepOutputs : bool { no, yes };

/// An operation that can be recorded. It cannot be made without samples, so that no node exists
/// whose gradient nobody checks; the library's ops are objects of static lifetime that register
/// themselves, and one test sweeps them all (gradcheck.hpp).
class Op {
 public:
  /// Registers the op. Throws Error if `samples` is empty.
  Op(std::string name, SampleFunction samples, std::vector<ErrorSample> errors,
     KeepOutputs keep_outputs = KeepOutputs::no);
  ~Op();
  Op(const Op&) = delete;
  Op& operator=(const Op&) = delete;

  /// An op of an experiment, with the reason why its gradient goes unchecked. Not registered.
  static Op unchecked(std::string name, const std::string& reason,
                      KeepOutputs keep_outputs = KeepOutputs::no);

  /// As error messages and graphs show it.
  const std::string& name() const { return name_; }
  /// Whether the tape keeps its outputs for its backward function.
  bool keeps_outputs() const { return keep_outputs_ == KeepOutputs::yes; }
  /// One random sample. Throws Error for an unchecked op.
  Sample sample(Sampler& sampler) const { return samples_(sampler); }
  /// Its wrong uses.
  const std::vector<ErrorSample>& errors() const { return errors_; }

 private:
  Op(std::string name, KeepOutputs keep_outputs);

  std::string name_;
  SampleFunction samples_;
  std::vector<ErrorSample> errors_;
  KeepOutputs keep_outputs_;
};

/// Every registered op, sorted by name. A program that links the static library has those ops
/// alone whose functions it uses; weft itself and its tests link every object.
std::vector<const Op*> registered_ops();

}  // namespace weft
