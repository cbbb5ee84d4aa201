#include "nn/module.hpp"

#include <algorithm>
#include <map>
#include <typeinfo>

#include "autograd/tape.hpp"

namespace weft::nn {
namespace {

thread_local const Module* at_work = nullptr;  // whose forward is running

std::map<std::string, Tensor> by_name(const NamedTensors& state) {
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, tensor] : state) {
    if (!tensors.emplace(name, tensor).second) {
      fail("load_state: parameter given twice; got '{}' again", name);
    }
  }
  return tensors;
}

void check_fits(const std::string& name, const Tensor& given, const Tensor& own) {
  if (given.shape() != own.shape() || given.dtype() != own.dtype()) {
    fail("load_state: parameter '{}' does not fit; got {} {}; expected {} {}", name, given.shape(),
         weft::name(given.dtype()), own.shape(), weft::name(own.dtype()));
  }
}

/// The number with commas: 1,234,567.
std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

/// A line of the tree: a name, details, and the number of elements.
std::string tree_line(std::size_t depth, std::string_view name, std::string_view details,
                      std::int64_t elements) {
  return fmt::format("{:<42} {:<29} {:>14}", std::string(2 * depth, ' ').append(name), details,
                     grouped(elements));
}

void check_known(const NamedTensors& state, const NamedTensors& own) {
  for (const auto& [name, tensor] : state) {
    if (std::ranges::find(own, name, &NamedTensors::value_type::first) == own.end()) {
      fail("load_state: unknown parameter; got '{}' {}; expected none of this name", name,
           tensor.shape());
    }
  }
}

}  // namespace

NamedTensors Module::named_parameters() const {
  NamedTensors found;
  collect("", found);
  return found;
}

void Module::collect(const std::string& prefix, NamedTensors& found) const {
  membership_.take();
  for (const auto& [name, tensor] : parameters_) {
    found.emplace_back(prefix + name, tensor);
  }
  for (const auto& [name, module] : children_) {
    module->collect(prefix + name + ".", found);
  }
}

std::vector<Tensor> Module::parameters() const {
  std::vector<Tensor> tensors;
  for (auto& [name, tensor] : named_parameters()) {
    tensors.push_back(tensor);
  }
  return tensors;
}

std::int64_t Module::num_parameters() const {
  std::int64_t count = 0;
  for (const Tensor& tensor : parameters()) {
    count += tensor.numel();
  }
  return count;
}

void Module::train(bool on) {
  training_ = on;
  for (const auto& [name, module] : children_) {
    module->train(on);
  }
}

HookHandle Module::register_forward_hook(ForwardHook hook) {
  return forward_hooks_.add(std::move(hook));
}

void Module::zero_grad() {
  for (auto& [name, tensor] : parameters_) {
    tensor.zero_grad();
  }
  for (const auto& [name, module] : children_) {
    module->zero_grad();
  }
}

void Module::to(DType dtype) {
  if (!is_floating(dtype)) {
    fail("Module::to: parameters are floating; got {}; expected float32 or float64",
         weft::name(dtype));
  }
  for (auto& [name, tensor] : parameters_) {
    tensor.set_data(tensor.detach().to(dtype));
  }
  for (const auto& [name, module] : children_) {
    module->to(dtype);
  }
}

NamedTensors Module::state() const {
  NamedTensors state = named_parameters();
  for (auto& [name, tensor] : state) {
    tensor = tensor.detach();
  }
  return state;
}

// NOLINTNEXTLINE(readability-make-member-function-const): the parameters change
void Module::load_state(const NamedTensors& state) {
  const std::map<std::string, Tensor> given = by_name(state);
  NamedTensors own = named_parameters();
  for (const auto& [name, tensor] : own) {
    const auto found = given.find(name);
    if (found == given.end()) {
      fail("load_state: parameter missing; got no '{}'; expected {} {}", name, tensor.shape(),
           weft::name(tensor.dtype()));
    }
    check_fits(name, found->second, tensor);
  }
  check_known(state, own);
  for (auto& [name, tensor] : own) {
    tensor.copy_(given.at(name).detach());
  }
}

void Module::add_tree(std::size_t depth, std::string& text) const {
  for (const auto& [name, tensor] : parameters_) {
    const std::string details =
        fmt::format("{:<8} {}", weft::name(tensor.dtype()), fmt::join(tensor.shape(), " x "));
    text += '\n' + tree_line(depth, name, details, tensor.numel());
  }
  for (const auto& [name, module] : children_) {
    text += '\n' + tree_line(depth, name, "", module->num_parameters());
    module->add_tree(depth + 1, text);
  }
}

Tensor Module::parameter(const std::string& name, const Shape& shape) {
  check_name(name);
  if (std::ranges::any_of(shape, [](std::int64_t size) { return size < 1; })) {
    fail("Module: sizes of parameter '{}' out of range; got {}; expected each at least 1", name,
         shape);
  }
  membership_.claim(typeid(*this).name());
  parameters_.emplace_back(name, zeros(shape).set_requires_grad());
  return parameters_.back().second;
}

void Module::child(const std::string& name, Module& module) {
  check_name(name);
  children_.emplace_back(name, &module);
  module.name_ = name;
  module.membership_.join(membership_);
  membership_.claim(typeid(*this).name());
}

void Module::check_registered(const Module* user) const {
  const auto trains = [](const auto& entry) { return entry.second.requires_grad(); };
  if (membership_.taken() || !grad_enabled() || std::ranges::none_of(parameters_, trains)) {
    return;
  }
  std::string owner = membership_.unregistered_in();
  if (owner.empty() && user != nullptr && user->membership_.taken() &&
      !membership_.below(user->membership_)) {
    owner = detail::type_name(typeid(*user).name());
  }
  if (owner.empty()) {
    return;
  }
  std::vector<std::string> own;
  for (const auto& [name, tensor] : parameters_) {
    own.push_back(fmt::format("{} {}", name, tensor.shape()));
  }
  fail(
      "{}: no child() registers this part of {}, so it is neither trained nor saved; got {}; hint: "
      "child(\"name\", member) in the constructor, or set_requires_grad(false) if that is meant",
      detail::type_name(typeid(*this).name()), owner, fmt::join(own, ", "));
}

void Module::check_name(const std::string& name) const {
  if (name.empty() || name.find('.') != std::string::npos) {
    fail("Module: bad name of a parameter or child; got '{}'; expected one word without dots",
         name);
  }
  const auto same = [&](const auto& entry) { return entry.first == name; };
  if (std::ranges::any_of(parameters_, same) || std::ranges::any_of(children_, same)) {
    fail("Module: name used twice; got '{}' again; expected another name", name);
  }
}

Forward::Forward(const Module& module) : module_(module), outer_(at_work), scope_(module.name_) {
  module.check_registered(outer_);
  at_work = &module;
}

Forward::~Forward() { at_work = outer_; }

Tensor Forward::output(const Tensor& result) const {
  return module_.forward_hooks_.empty() ? result : outputs({result})[0];
}

std::vector<Tensor> Forward::outputs(std::vector<Tensor> results) const {
  const std::size_t expected = results.size();
  for (const auto& hook : module_.forward_hooks_.hooks()) {
    (*hook)(module_, results);
    if (results.size() != expected) {
      fail("register_forward_hook: a hook changed the number of outputs; got {}; expected {}",
           results.size(), expected);
    }
  }
  return results;
}

std::string to_string(const Module& module, std::string_view name) {
  std::string text = tree_line(0, name, "", module.num_parameters());
  module.add_tree(1, text);
  return text;
}

}  // namespace weft::nn
