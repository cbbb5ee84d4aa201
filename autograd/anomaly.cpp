#include "autograd/anomaly.hpp"

#include <algorithm>

#include "autograd/origin.hpp"

namespace weft {
namespace {

thread_local bool enabled = false;
thread_local bool in_backward = false;

std::string place_of(const Node& node) {
  const Origin* origin = origin_of(node);
  return origin == nullptr || origin->inputs.empty() ? "" : to_string(origin->place);
}

/// A parameter has to be finite; an infinity in a constant was asked for.
bool unsound(const Tensor& tensor, const Values& values) {
  const bool parameter = tensor.requires_grad() && tensor.is_leaf();
  return values.nan > 0 || (parameter && values.inf > 0);
}

/// A view makes no number of its own, and ops look at raw results through views, whose names would
/// stand in the message instead of theirs.
bool is_view(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) {
  return !inputs.empty() && inputs[0].defined() && !outputs.empty() &&
         detail::body(outputs[0]).storage == detail::body(inputs[0]).storage;
}

Gradients checked(const Node& node, const Backward& backward, Gradients gradients) {
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
    const Origin* origin = origin_of(node);
    const std::string inputs = origin == nullptr ? "" : "; " + to_string("input", origin->inputs);
    fail("{} backward{}: made the first NaN or infinity; got gradient of input {}: {}; {}{}",
         node.op->name(), place_of(node), i, to_string(values),
         to_string("gradient of output", values_of(arrived)), inputs);
  }
  return gradients;
}

}  // namespace

AnomalyGuard::AnomalyGuard(bool on) : previous_(enabled) { enabled = on; }
AnomalyGuard::~AnomalyGuard() { enabled = previous_; }

detail::BackwardScope::BackwardScope() : previous_(in_backward) { in_backward = true; }
detail::BackwardScope::~BackwardScope() { in_backward = previous_; }

bool anomaly_enabled() { return enabled; }

void detail::check_outputs(const Op& op, const std::vector<Tensor>& inputs,
                           const std::vector<Tensor>& outputs) {
  if (in_backward || is_view(inputs, outputs)) {
    return;
  }
  const std::vector<Values> given = values_of(inputs);
  const std::string place = to_string(current_place());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (unsound(inputs[i], given[i])) {
      fail("{}{}: was given a NaN or infinity that no op made here; got {}", op.name(), place,
           to_string("input", given));
    }
  }
  const bool given_infinity = std::ranges::any_of(given, [](const Values& v) { return v.inf > 0; });
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Values values(outputs[i]);
    if (values.nan > 0 || (values.inf > 0 && !given_infinity)) {
      fail("{}{}: made the first NaN or infinity; got output {}: {}; {}", op.name(), place, i,
           to_string(values), to_string("input", given));
    }
  }
}

void detail::check_arrived(const Node& node, const Gradients& gradients) {
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const Values values(gradients[i].values());
    if (!values.finite()) {
      const std::string whose =
          node.is_leaf() ? "a leaf" : fmt::format("output {} of '{}'", i, node.op->name());
      fail(
          "backward: the gradient of {}{} is not finite; got {}; hint: a cotangent, a hook or "
          "the sum of several gradients made it so",
          whose, place_of(node), to_string(values));
    }
  }
}

Gradients detail::run_backward(const Node& node, const Backward& backward) {
  const Origin* origin = origin_of(node);
  if (origin == nullptr && !enabled) {
    return node.backward(backward);
  }
  const Place nowhere;
  const PathScope scope(origin == nullptr ? nowhere : origin->place);
  Gradients gradients = node.backward(backward);
  return enabled ? checked(node, backward, std::move(gradients)) : gradients;
}

}  // namespace weft
