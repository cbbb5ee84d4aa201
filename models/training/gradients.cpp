#include "models/training/gradients.hpp"

#include <algorithm>

#include "autograd/engine.hpp"
#include "models/interruption.hpp"

namespace weft::models {
namespace {

/// Calls `on_gradient` once per parameter of a module; a shared parameter is reported under its
/// first name.
class GradientReporter {
 public:
  GradientReporter(const nn::Module& module, const TrainingHooks& hooks, const BatchLoss& own)
      : hooks_(hooks), own_(own) {
    for (auto& [name, parameter] : module.named_parameters()) {
      const auto same = [&p = parameter](const auto& other) { return other.second.is_same(p); };
      if (std::ranges::none_of(parameters_, same)) {
        parameters_.emplace_back(name, parameter);
      }
    }
    reported_.assign(parameters_.size(), false);
  }

  /// Called when the gradient of a leaf, which may be a parameter, is complete.
  void report(const Tensor& leaf) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].second.is_same(leaf)) {
        report(i);
      }
    }
  }

  /// Called when backward is done: reports the parameters that received no gradient from it.
  void report_rest() {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      report(i);
    }
  }

 private:
  void report(std::size_t i) {
    if (!reported_[i]) {
      reported_[i] = true;
      hooks_.on_gradient(parameters_[i].first, parameters_[i].second, own_);
    }
  }

  const TrainingHooks& hooks_;
  const BatchLoss& own_;
  nn::NamedTensors parameters_;
  std::vector<bool> reported_;
};

/// Runs backward for the last loss of a step. Its gradients are added to those of the earlier
/// losses.
void last_backward(const Tensor& loss, const nn::Module& module, const TrainingHooks& hooks,
                   BatchLoss& sum) {
  if (!hooks.on_gradient) {
    backward({loss});
  } else {
    GradientReporter reporter(module, hooks, sum);
    backward({loss}, {}, {.on_final = [&reporter](const Tensor& leaf) { reporter.report(leaf); }});
    reporter.report_rest();
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
