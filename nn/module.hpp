#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/path.hpp"
#include "autograd/tensor.hpp"

namespace weft::nn {

/// Tensors and their names, in a fixed order.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

class Module;

/// Sees the tensors that a module's `forward` returns, in the order in which its result has them,
/// and may replace them.
using ForwardHook = std::function<void(const Module& module, std::vector<Tensor>& outputs)>;

/// A part of a model: parameters of its own and other modules. A derived class has them as plain
/// members and names each once, in its constructor:
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
/// Modules know their children by address, so they are neither copied nor moved.
class Module {
 public:
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// Every parameter with its dotted name (`encoder.weight_ih_l0`): a module's own first, then its
  /// children's, each in the order of registration. The handles are the parameters themselves.
  NamedTensors named_parameters() const;
  /// The same without names.
  std::vector<Tensor> parameters() const;
  /// Elements of all parameters.
  std::int64_t num_parameters() const;

  /// Switches the module and all below it to training (the state after construction) or, by
  /// `eval`, to use: dropout then passes everything.
  void train(bool on = true);
  /// The same as `train(false)`.
  void eval() { train(false); }
  /// Whether it is in training.
  bool training() const { return training_; }

  /// `hook` is called at the end of every `forward` of this module, after those registered before,
  /// each with what the one before left.
  HookHandle register_forward_hook(ForwardHook hook);

  /// Forgets the accumulated gradient of every parameter.
  void zero_grad();
  /// Converts every parameter to float32 or float64; gradients are forgotten.
  void to(DType dtype);

  /// The parameters outside the graph, in the order of `named_parameters`. They share its storage:
  /// clone what has to outlive the next optimizer step.
  NamedTensors state() const;
  /// Copies `state` into the parameters, in any order. Throws Error, and changes nothing, if a
  /// parameter is missing, unknown, given twice, or of another shape or dtype.
  void load_state(const NamedTensors& state);

 protected:
  Module() = default;

  /// A new parameter of zeros (float32) that asks for a gradient. Throws Error if the name is taken
  /// here, empty or has a dot, or a size is below 1.
  Tensor parameter(const std::string& name, const Shape& shape);
  /// Makes the parameters of `module`, a member of this one, part of it, below `name`; messages
  /// name it so, too.
  void child(const std::string& name, Module& module);

 private:
  friend class Forward;
  void check_name(const std::string& name) const;
  void collect(const std::string& prefix, NamedTensors& found) const;
  void add_tree(std::size_t depth, std::string& text) const;
  friend std::string to_string(const Module& module, std::string_view name);

  NamedTensors parameters_;
  std::vector<std::pair<std::string, Module*>> children_;
  std::string name_;  // in the module above
  HookList<ForwardHook> forward_hooks_;
  bool training_ = true;
};

/// The tree of modules and parameters, a line each, without a newline at the end: the name, a
/// parameter's dtype and shape, and how many elements it has, or all below it. The first line,
/// called `name`, is the module itself.
std::string to_string(const Module& module, std::string_view name = "module");

/// One call of a module's `forward`, as a local variable at its head: there is no forward common to
/// all modules that could do this for them. While it lives, messages name the module
/// (autograd/path.hpp); what `forward` returns goes through `output`, for the hooks.
class Forward {
 public:
  /// Begins a call of `module`; the destructor ends it.
  explicit Forward(const Module& module) : module_(module), scope_(module.name_) {}

  /// What the hooks make of the result: for one of one tensor, and of several.
  Tensor output(const Tensor& result) const;
  /// Throws Error if a hook changes how many there are.
  std::vector<Tensor> outputs(std::vector<Tensor> results) const;

 private:
  const Module& module_;
  PathScope scope_;
};

}  // namespace weft::nn
