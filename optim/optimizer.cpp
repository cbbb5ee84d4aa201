#include "optim/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "autograd/tape.hpp"

namespace weft::optim {
namespace {

constexpr double kMostSteps = 0x1.0p53;

/// Throws Error if an element is outside [low, high].
void check_range(const std::string& name, const Tensor& tensor, double low, double high) {
  dispatch_all("Optimizer", tensor.dtype(), [&]<class T>() {
    for (const T value : tensor.data<T>()) {
      const auto x = static_cast<double>(value);
      if (!(x >= low && x <= high)) {  // NaN, too
        fail("Optimizer::load_state: '{}' out of range; got {}; expected a number in [{}, {}]",
             name, value, low, high);
      }
    }
  });
}

}  // namespace

Optimizer::Optimizer(NamedTensors parameters, double lr) : parameters_(std::move(parameters)) {
  if (parameters_.empty()) {
    fail("Optimizer: no parameters; got an empty list");
  }
  std::set<std::string> names;
  for (const auto& [name, tensor] : parameters_) {
    if (!tensor.requires_grad() || !tensor.is_leaf()) {
      fail("Optimizer: '{}' is no leaf that requires a gradient", name);
    }
    if (!names.insert(name).second) {
      fail("Optimizer: name used twice; got '{}' again", name);
    }
    const auto same = [&own = tensor](const auto& other) { return other.second.is_same(own); };
    if (const auto first = std::ranges::find_if(parameters_, same); first->first != name) {
      fail("Optimizer: '{}' and '{}' are one tensor, which would be updated twice", first->first,
           name);
    }
    shapes_.push_back(tensor.shape());
    dtypes_.push_back(tensor.dtype());
  }
  set_lr(lr);
}

void Optimizer::check_unchanged() const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto& [name, tensor] = parameters_[i];
    if (tensor.shape() != shapes_[i] || tensor.dtype() != dtypes_[i]) {
      fail("Optimizer: '{}' was given other data; got {} {}; expected {} {}", name, tensor.shape(),
           weft::name(tensor.dtype()), shapes_[i], weft::name(dtypes_[i]));
    }
  }
}

void Optimizer::step() {
  const NoGradGuard guard;  // with create_graph, gradients may be recorded
  check_unchanged();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Tensor& parameter = parameters_[i].second;
    if (parameter.gradient().defined() && parameter.numel() > 0) {
      update(i, parameter, parameter.gradient().coalesced());
    }
  }
}

void Optimizer::zero_grad() {
  for (auto& [name, tensor] : parameters_) {
    tensor.zero_grad();
  }
}

void Optimizer::set_lr(double lr) {
  if (!std::isfinite(lr) || lr < 0) {
    fail("Optimizer: learning rate out of range; got {}; expected a finite number >= 0", lr);
  }
  lr_ = lr;
}

NamedTensors Optimizer::state() const { return state_; }

void Optimizer::load_state(const NamedTensors& state) {
  if (state.size() != state_.size()) {
    fail("Optimizer::load_state: number of tensors; got {}; expected {}", state.size(),
         state_.size());
  }
  for (std::size_t i = 0; i < state.size(); ++i) {
    const auto& [name, own] = state_[i];
    const auto& [given_name, given] = state[i];
    if (given_name != name || given.shape() != own.shape() || given.dtype() != own.dtype()) {
      fail("Optimizer::load_state: tensor {} does not fit; got '{}' {} {}; expected '{}' {} {}", i,
           given_name, given.shape(), weft::name(given.dtype()), name, own.shape(),
           weft::name(own.dtype()));
    }
    check_range(name, given, ranges_[i].low, ranges_[i].high);
  }
  for (std::size_t i = 0; i < state.size(); ++i) {
    state_[i].second.copy_(state[i].second);
  }
}

std::vector<Tensor> Optimizer::keep_for_each(const std::string& what, Tensor (*make)(const Tensor&),
                                             const Range& range) {
  std::vector<Tensor> tensors;
  for (const auto& [name, parameter] : parameters_) {
    tensors.push_back(make(parameter));
    state_.emplace_back(name + "." + what, tensors.back());
    ranges_.push_back(range);
  }
  return tensors;
}

std::vector<Tensor> Optimizer::zeros_for_each(const std::string& what) {
  return keep_for_each(what, zeros_like, {});
}

std::vector<Tensor> Optimizer::squares_for_each(const std::string& what) {
  return keep_for_each(what, zeros_like, {.low = 0});
}

std::vector<Tensor> Optimizer::counter_for_each(const std::string& what) {
  const auto zero = [](const Tensor&) { return scalar(0, DType::int64); };
  return keep_for_each(what, zero, {.low = 0, .high = kMostSteps});
}

}  // namespace weft::optim
