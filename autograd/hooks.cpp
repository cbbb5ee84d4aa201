#include "autograd/hooks.hpp"

#include "autograd/gradient_sum.hpp"
#include "autograd/node.hpp"
#include "autograd/observer.hpp"

namespace weft {
namespace {

/// Applies the hooks to a gradient.
Gradient shown(const HookList<GradientHook>& list, Gradient gradient) {
  for (const auto& hook : list.hooks()) {
    Gradient other = (*hook)(gradient);
    if (!other.defined()) {
      continue;
    }
    if (other.shape() != gradient.shape() || other.dtype() != gradient.dtype()) {
      fail("register_hook: a hook's gradient does not fit; got {} {}; expected {} {}",
           other.shape(), name(other.dtype()), gradient.shape(), name(gradient.dtype()));
    }
    gradient = other.is_product() ? Gradient(other.dense()) : std::move(other);
  }
  return gradient;
}

detail::TensorBody& graph_body(std::string_view where, const Tensor& tensor) {
  if (!tensor.requires_grad()) {
    fail("{}: the tensor requires no gradient; hint: call set_requires_grad() first", where);
  }
  return detail::body(tensor);
}

}  // namespace

HookHandle Tensor::register_hook(GradientHook hook) const {
  if (!hook) {
    fail("register_hook: no function given; got an empty one; expected a hook");
  }
  detail::TensorBody& body = graph_body("register_hook", *this);
  if (is_leaf()) {
    return body.hooks.add(std::move(hook));
  }
  auto& lists = body.grad_fn->extra().hooks;
  lists.resize(body.grad_fn->num_outputs);
  return lists[body.output_number].add(std::move(hook));
}

const Tensor& Tensor::retain_grad() const {
  detail::TensorBody& body = graph_body("retain_grad", *this);
  if (!is_leaf()) {
    auto& retaining = body.grad_fn->extra().retaining;
    retaining.resize(body.grad_fn->num_outputs);
    retaining[body.output_number] = body_;
  }
  return *this;
}

bool Tensor::retains_grad() const {
  if (is_leaf() || !body_->grad_fn->extras) {
    return false;
  }
  const auto& retaining = body_->grad_fn->extras->retaining;
  return body_->output_number < retaining.size() && retaining[body_->output_number].lock() == body_;
}

void Node::observe(Gradients& gradients) const {
  if (const auto body = leaf.lock()) {
    gradients[0] = shown(body->hooks, std::move(gradients[0]));
  }
  for (std::size_t i = 0; extras && i < extras->hooks.size(); ++i) {
    if (gradients[i].defined()) {
      gradients[i] = shown(extras->hooks[i], std::move(gradients[i]));
    }
  }
  for (std::size_t i = 0; extras && i < extras->retaining.size(); ++i) {
    const auto body = extras->retaining[i].lock();
    if (body && gradients[i].defined()) {
      accumulate(*body, gradients[i]);
    }
  }
  if (Observer* const observer = Observer::current()) {
    observer->completed(*this, gradients);
  }
}

}  // namespace weft
