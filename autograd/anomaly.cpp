#include "autograd/anomaly.hpp"

#include <algorithm>

#include "autograd/engine.hpp"
#include "autograd/node.hpp"
#include "autograd/observer.hpp"
#include "autograd/path.hpp"
#include "autograd/values.hpp"

namespace weft {
namespace {

/// Where a node was recorded, and summaries of its inputs.
struct Origin : Note {
  Place place;                 ///< the modules and the time step
  std::vector<Values> inputs;  ///< at the time of recording
};

Place place_of(const Node& node) {
  const auto* const origin = node.note<Origin>();
  return origin == nullptr ? Place{} : origin->place;
}

/// A parameter must be finite; an infinity in a constant is intended.
bool unsound(const Tensor& tensor, const Values& values) {
  const bool parameter = tensor.requires_grad() && tensor.is_leaf();
  return values.nan > 0 || (parameter && values.inf > 0);
}

/// Views compute no values of their own. Ops read raw results through views, whose names would then
/// appear in messages instead of the op's own.
bool is_view(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) {
  return !inputs.empty() && inputs[0].defined() && !outputs.empty() &&
         detail::body(outputs[0]).storage == detail::body(inputs[0]).storage;
}

/// Throws Error if an op received a NaN, or produced the first NaN or infinity.
void check_outputs(const Op& op, const std::vector<Tensor>& inputs,
                   const std::vector<Tensor>& outputs) {
  const std::vector<Values> given = values_of(inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (unsound(inputs[i], given[i])) {
      fail("{}: was given a NaN or infinity that no op made here; got {}", op.name(),
           to_string("input", given));
    }
  }
  const bool given_infinity = std::ranges::any_of(given, [](const Values& v) { return v.inf > 0; });
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Values values(outputs[i]);
    if (values.nan > 0 || (values.inf > 0 && !given_infinity)) {
      fail("{}: made the first NaN or infinity; got output {}: {}; {}", op.name(), i,
           to_string(values), to_string("input", given));
    }
  }
}

/// Throws Error if a gradient that arrived at a node is not finite.
void check_arrived(const Node& node, const Gradients& gradients) {
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const Values values(gradients[i].values());
    if (!values.finite()) {
      const std::string whose =
          node.is_leaf() ? "a leaf" : fmt::format("output {} of '{}'", i, node.op->name());
      fail(
          "backward: the gradient of {} is not finite; got {}; hint: a cotangent, a hook or the "
          "sum of several gradients made it so",
          whose, to_string(values));
    }
  }
}

/// Throws Error if a needed gradient that a backward function returned is not finite.
void check_returned(const Node& node, const Backward& backward, const Gradients& gradients) {
  for (std::size_t i = 0; i < std::min(gradients.size(), node.edges.size()); ++i) {
    if (!backward.needs(i)) {
      continue;
    }
    const Gradient& gradient = gradients[i];
    const Values values(gradient.is_product() ? gradient.dense() : gradient.values());
    if (values.finite()) {
      continue;
    }
    std::vector<Tensor> arrived;
    for (std::size_t output = 0; output < backward.num_grads(); ++output) {
      arrived.push_back(backward.grad(output));
    }
    const auto* const origin = node.note<Origin>();
    const std::string inputs = origin == nullptr ? "" : "; " + to_string("input", origin->inputs);
    fail("{} backward: made the first NaN or infinity; got gradient of input {}: {}; {}{}",
         node.op->name(), i, to_string(values), to_string("gradient of output", values_of(arrived)),
         inputs);
  }
}

/// The observer that checks on this thread; null if anomaly mode is off.
thread_local const Observer* active = nullptr;

class AnomalyMode : public Observer {
 public:
  /// During a backward pass the individual results are not checked, only the gradients that arrive
  /// and are returned: a formula may pass through an infinity on its way to a finite gradient, and
  /// the useful name in a message is that of the op, not of a step in its formula. While recording,
  /// an op on constants is part of another op's forward, which is checked as a whole.
  void computed(const Op& op, const std::vector<Tensor>& inputs,
                const std::vector<Tensor>& outputs) override {
    const bool part = grad_enabled() && std::ranges::none_of(inputs, &Tensor::requires_grad);
    if (looks() && !part && !walking() && !is_view(inputs, outputs)) {
      check_outputs(op, inputs, outputs);
    }
    Observer::computed(op, inputs, outputs);
  }

  void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                const std::vector<Tensor>& outputs) override {
    if (looks()) {
      auto origin = std::make_unique<Origin>();
      origin->place = current_place();
      origin->inputs = values_of(inputs);
      node->extra().notes.push_back(std::move(origin));
    }
    Observer::recorded(node, inputs, outputs);
  }

  void completed(const Node& node, const Gradients& gradients) override {
    if (looks()) {
      const Place place = place_of(node);
      const PathScope scope(place);
      check_arrived(node, gradients);
    }
    Observer::completed(node, gradients);
  }

  /// Whatever a recorded backward pass records gets the place of the node that it differentiates.
  Gradients call(const Node& node, const Backward& backward) override {
    if (!looks()) {
      return Observer::call(node, backward);
    }
    const Place place = place_of(node);
    const PathScope scope(place);
    Gradients gradients = Observer::call(node, backward);
    check_returned(node, backward, gradients);
    return gradients;
  }

 private:
  bool looks() const { return active == this; }
};

}  // namespace

AnomalyGuard::AnomalyGuard(bool on) : previous_(active) {
  if (on && active == nullptr) {
    observer_ = std::make_unique<AnomalyMode>();
    active = observer_.get();
  } else if (!on) {
    active = nullptr;
  }
}

AnomalyGuard::~AnomalyGuard() { active = previous_; }

bool anomaly_enabled() { return active != nullptr; }

}  // namespace weft
