#include "models/training/weight_average.hpp"

#include <algorithm>

#include "autograd/kernels/parallel.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"

namespace weft::models {
namespace {

std::vector<Tensor> copies(const nn::NamedTensors& parameters) {
  std::vector<Tensor> all;
  for (const auto& [name, parameter] : parameters) {
    all.push_back(parameter.detach().clone());
  }
  return all;
}

/// a = d a + (1 - d) theta
void move(Tensor& a, const Tensor& theta, float d) {
  float* const to = a.mutable_data<float>().data();
  const float* const from = theta.data<float>().data();
  parallel_for(a.numel(), a.numel(), [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      to[i] = d * to[i] + (1 - d) * from[i];
    }
  });
}

void append(nn::NamedTensors& state, const nn::NamedTensors& parameters,
            const std::vector<Tensor>& values, const std::string& prefix) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    state.emplace_back(prefix + parameters[i].first, values[i]);
  }
}

/// Copies the tensors from `begin` on whose names are the parameters' names with this prefix.
std::vector<Tensor> take(const nn::NamedTensors& state, const nn::NamedTensors& parameters,
                         const std::string& prefix) {
  std::vector<Tensor> values;
  for (const auto& [name, parameter] : parameters) {
    const auto found =
        std::ranges::find(state, prefix + name, &nn::NamedTensors::value_type::first);
    if (found == state.end()) {
      fail("average: missing tensor; expected {}{}", prefix, name);
    }
    if (found->second.shape() != parameter.shape() || found->second.dtype() != parameter.dtype()) {
      fail("average: {}{} does not fit; got {} {}; expected {} {}", prefix, name,
           weft::name(found->second.dtype()), found->second.shape(), weft::name(parameter.dtype()),
           parameter.shape());
    }
    values.push_back(found->second.clone());
  }
  return values;
}

}  // namespace

WeightAverage::WeightAverage(double ema, std::int64_t epochs, nn::NamedTensors parameters)
    : ema_(ema), epochs_(static_cast<std::size_t>(epochs)), parameters_(std::move(parameters)) {}

bool WeightAverage::begun(std::int64_t steps, std::int64_t epochs) const {
  return (ema_ > 0 && steps > 0) || (epochs_ > 1 && epochs > 0);
}

void WeightAverage::after_step(std::int64_t t) {
  if (ema_ == 0) {
    return;
  }
  if (moving_.empty()) {
    moving_ = copies(parameters_);
    return;
  }
  const auto step = static_cast<double>(t);
  const auto d = static_cast<float>(std::min(ema_, (1 + step) / (10 + step)));
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    move(moving_[i], parameters_[i].second, d);
  }
}

void WeightAverage::after_epoch() {
  if (epochs_ == 1) {
    return;
  }
  snapshots_.push_back(copies(parameters_));
  if (snapshots_.size() > epochs_) {
    snapshots_.pop_front();
  }
}

nn::NamedTensors WeightAverage::state() const {
  nn::NamedTensors state;
  append(state, parameters_, moving_, "");
  for (std::size_t k = 0; k < snapshots_.size(); ++k) {
    append(state, parameters_, snapshots_[k], fmt::format("{}.", k));
  }
  return state;
}

void WeightAverage::load_state(const nn::NamedTensors& state) {
  const std::size_t n = parameters_.size();
  moving_.clear();
  snapshots_.clear();
  if (ema_ > 0 && !state.empty()) {
    moving_ = take(state, parameters_, "");
  }
  while (epochs_ > 1 && snapshots_.size() < epochs_ && snapshots_.size() * n < state.size()) {
    snapshots_.push_back(take(state, parameters_, fmt::format("{}.", snapshots_.size())));
  }
  if (const std::size_t taken = moving_.size() + snapshots_.size() * n; taken != state.size()) {
    fail("average: number of tensors; got {}; expected {}", state.size(), taken);
  }
}

std::vector<Tensor> WeightAverage::values() const {
  if (snapshots_.empty()) {
    return moving_;
  }
  std::vector<Tensor> means = snapshots_.front();
  for (std::size_t i = 0; i < means.size(); ++i) {
    for (std::size_t k = 1; k < snapshots_.size(); ++k) {
      means[i] = means[i] + snapshots_[k][i];
    }
    means[i] = means[i] / static_cast<double>(snapshots_.size());
  }
  return means;
}

WeightAverage::Guard::Guard(const WeightAverage& average) : average_(average) {
  const NoGradGuard no_grad;
  const std::vector<Tensor> values = average.values();
  own_.reserve(values.size());  // from here on nothing can fail half-way
  for (std::size_t i = 0; i < values.size(); ++i) {
    Tensor parameter = average.parameters_[i].second;
    own_.push_back(parameter.detach());
    parameter.set_data(values[i]);
  }
}

WeightAverage::Guard::~Guard() {
  for (std::size_t i = 0; i < own_.size(); ++i) {
    Tensor parameter = average_.parameters_[i].second;
    parameter.set_data(own_[i]);
  }
}

}  // namespace weft::models
