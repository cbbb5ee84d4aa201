#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/path.hpp"
#include "autograd/tensor.hpp"
#include "nn/membership.hpp"

namespace weft::nn {

/// Tensors with names, in a fixed order.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

class Module;

/// Called with the tensors that a module's `forward` returns, in the order of its result; may
/// replace them.
using ForwardHook = std::function<void(const Module& module, std::vector<Tensor>& outputs)>;

/// A part of a model: its own parameters and child modules. A derived class has them as plain
/// members and registers each once, in its constructor:
///
///     class Linear : public Module {
///      public:
///       Linear(std::int64_t in, std::int64_t out)
///           : weight(parameter("weight", {out, in})), bias(parameter("bias", {out})) {}
///       Tensor forward(const Tensor& x) const {
///         const Forward call(*this);
///         return call.output(linear(x, weight, bias));
///       }
///       Tensor weight;
///       Tensor bias;
///     };
///
/// Modules refer to their children by address, so they can be neither copied nor moved. A member
/// module that is not registered would be neither trained nor saved. Its first recorded `forward`
/// therefore throws Error once the parameters of the module that it belongs to were requested,
/// unless its own were requested as well or none of them requires a gradient.
class Module {
 public:
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// All parameters with dotted names (`encoder.weight_ih_l0`): first the module's own, then those
  /// of its children, each in registration order. The handles refer to the parameters themselves.
  NamedTensors named_parameters() const;
  /// The same without names.
  std::vector<Tensor> parameters() const;
  /// Total number of elements of all parameters.
  std::int64_t num_parameters() const;

  /// Puts the module and all its descendants into training mode (the state after construction) or,
  /// with `eval`, into evaluation mode: dropout is then disabled.
  void train(bool on = true);
  /// The same as `train(false)`.
  void eval() { train(false); }
  /// Whether the module is in training mode.
  bool training() const { return training_; }

  /// `hook` is called at the end of every `forward` of this module, after hooks registered earlier,
  /// each with the result of the previous one.
  HookHandle register_forward_hook(ForwardHook hook);

  /// Clears the accumulated gradients of all parameters.
  void zero_grad();
  /// Converts all parameters to float32 or float64; clears gradients.
  void to(DType dtype);

  /// The detached parameters, in the order of `named_parameters`. They share storage with them:
  /// clone what must outlive the next optimizer step.
  NamedTensors state() const;
  /// Copies `state`, in any order, into the parameters. Throws Error, and changes nothing, if a
  /// parameter is missing, unknown, given twice, or of another shape or dtype.
  void load_state(const NamedTensors& state);

 protected:
  Module() = default;

  /// Creates a float32 parameter of zeros that requires a gradient. Throws Error if the name is
  /// taken in this module, is empty or contains a dot, or if a size is below 1.
  Tensor parameter(const std::string& name, const Shape& shape);
  /// Registers `module`, a member of this one, as a child, with its parameters below `name`;
  /// messages use this name, too.
  void child(const std::string& name, Module& module);

 private:
  friend class Forward;
  void check_registered(const Module* user) const;
  void check_name(const std::string& name) const;
  void collect(const std::string& prefix, NamedTensors& found) const;
  void add_tree(std::size_t depth, std::string& text) const;
  friend std::string to_string(const Module& module, std::string_view name);

  NamedTensors parameters_;
  std::vector<std::pair<std::string, Module*>> children_;
  std::string name_;  // in the parent module
  detail::Membership membership_;
  HookList<ForwardHook> forward_hooks_;
  bool training_ = true;
};

/// The tree of modules and parameters, one per line, without a final newline: the name, a
/// parameter's dtype and shape, and its number of elements, or that of everything below a module.
/// The first line, called `name`, is the module itself.
std::string to_string(const Module& module, std::string_view name = "module");

/// Marks one call of a module's `forward`; declare it as a local variable at the start: there is no
/// common entry point that could do this for all modules. While it exists, messages name the module
/// (autograd/path.hpp); `forward` passes its result through `output`, for the hooks.
class Forward {
 public:
  /// Starts a call of `module`; the destructor ends it. Throws Error if the module belongs to
  /// another that has not registered it (see Module).
  explicit Forward(const Module& module);
  ~Forward();
  Forward(const Forward&) = delete;
  Forward& operator=(const Forward&) = delete;

  /// Applies the hooks to a result, of one tensor here and of several below.
  Tensor output(const Tensor& result) const;
  /// Throws Error if a hook changes their number.
  std::vector<Tensor> outputs(std::vector<Tensor> results) const;

 private:
  const Module& module_;
  const Module* outer_;  // the module whose forward calls this one
  PathScope scope_;
};

}  // namespace weft::nn
