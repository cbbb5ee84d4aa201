#include "models/training/gradients.hpp"

#include <algorithm>

#include "autograd/engine.hpp"
#include "models/interruption.hpp"

namespace weft::models {
namespace {

/// Tells a listener of each parameter of a module, once; one of two names by its first.
class Teller {
 public:
  Teller(const nn::Module& module, const TrainingHooks& hooks, const BatchLoss& own)
      : hooks_(hooks), own_(own) {
    for (auto& [name, parameter] : module.named_parameters()) {
      const auto same = [&p = parameter](const auto& other) { return other.second.is_same(p); };
      if (std::ranges::none_of(parameters_, same)) {
        parameters_.emplace_back(name, parameter);
      }
    }
    told_.assign(parameters_.size(), false);
  }

  /// The gradient of a leaf, maybe a parameter, is whole.
  void tell(const Tensor& leaf) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].second.is_same(leaf)) {
        tell(i);
      }
    }
  }

  /// The walk is over: those left have no gradient from it.
  void tell_rest() {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      tell(i);
    }
  }

 private:
  void tell(std::size_t i) {
    if (!told_[i]) {
      told_[i] = true;
      hooks_.on_gradient(parameters_[i].first, parameters_[i].second, own_);
    }
  }

  const TrainingHooks& hooks_;
  const BatchLoss& own_;
  nn::NamedTensors parameters_;
  std::vector<bool> told_;
};

/// Backward of a step's last loss: what earlier ones added to a gradient is in it.
void last_backward(const Tensor& loss, const nn::Module& module, const TrainingHooks& hooks,
                   BatchLoss& sum) {
  if (!hooks.on_gradient) {
    backward({loss});
  } else {
    Teller teller(module, hooks, sum);
    backward({loss}, {}, {.on_final = [&teller](const Tensor& leaf) { teller.tell(leaf); }});
    teller.tell_rest();
  }
  if (hooks.on_gradients) {
    hooks.on_gradients(sum);
  }
}

}  // namespace

BatchLoss make_gradients(Task& task, const std::vector<data::Batch>& batches,
                         TeacherForcing forcing, double label_smoothing,
                         const TrainingHooks& hooks) {
  BatchLoss sum;
  for (const data::Batch& batch : batches) {
    sum.tokens += batch.target_tokens;
  }
  for (std::size_t i = 0; i < batches.size(); ++i) {
    Tensor loss = task.loss(batches[i], forcing, label_smoothing);
    const auto tokens = static_cast<double>(batches[i].target_tokens);
    sum.loss += loss.item() * tokens;
    if (batches.size() > 1) {
      loss = loss * (tokens / static_cast<double>(sum.tokens));
    }
    if (i + 1 < batches.size()) {
      loss.backward();
      interruption_point();
    } else {
      last_backward(loss, task.module(), hooks, sum);
    }
  }
  return sum;
}

}  // namespace weft::models
