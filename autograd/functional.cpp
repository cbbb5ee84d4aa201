#include "autograd/functional.hpp"

#include <algorithm>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "autograd/survey.hpp"
#include "autograd/tape.hpp"

namespace weft::functional {
namespace {

Tensor leaf(std::string_view where, const Tensor& input) {
  if (!input.defined() || !is_floating(input.dtype())) {
    fail("{}: inputs are floating tensors; got {}", where,
         input.defined() ? name(input.dtype()) : "an undefined one");
  }
  return input.detach().set_requires_grad();
}

std::vector<Tensor> leaves(std::string_view where, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> leaves;
  leaves.reserve(inputs.size());
  for (const Tensor& input : inputs) {
    leaves.push_back(leaf(where, input));
  }
  return leaves;
}

/// Throws Error unless v matches `expected` in number, shapes and dtypes.
void check_fits(std::string_view where, const std::vector<Tensor>& v,
                const std::vector<Tensor>& expected) {
  if (v.size() != expected.size()) {
    fail("{}: wrong number of vectors; got {}; expected {}", where, v.size(), expected.size());
  }
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (v[i].shape() != expected[i].shape() || v[i].dtype() != expected[i].dtype()) {
      fail("{}: vector {} does not fit; got {} {}; expected {} {}", where, i, v[i].shape(),
           name(v[i].dtype()), expected[i].shape(), name(expected[i].dtype()));
    }
  }
}

void check_scalar(std::string_view where, const std::vector<Tensor>& outputs) {
  if (outputs.size() != 1 || outputs[0].numel() != 1) {
    fail("{}: the function has to return one scalar; got {}", where,
         outputs.size() == 1 ? fmt::format("shape {}", outputs[0].shape())
                             : fmt::format("{} outputs", outputs.size()));
  }
}

/// The gradients of sum_i <outputs[i], v[i]>, zero where nothing depends on an input.
std::vector<Tensor> gradients(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                              const std::vector<Tensor>& v, GradOptions options) {
  std::vector<Tensor> dependent;
  std::vector<Tensor> weights;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].requires_grad()) {
      dependent.push_back(outputs[i]);
      weights.push_back(v[i]);
    }
  }
  options.allow_unused = true;
  std::vector<Tensor> found(inputs.size());
  if (!dependent.empty()) {
    found = grad(dependent, inputs, weights, options);
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!found[i].defined()) {
      found[i] = zeros_like(inputs[i]);
    }
  }
  return found;
}

/// Throws Error if the outputs are made of other leaves, and of no input: by the inputs all is 0,
/// which nobody asks for.
void check_depends(std::string_view where, const std::vector<Tensor>& outputs,
                   const std::vector<Tensor>& inputs) {
  std::vector<Node::Edge> roots;
  for (const Tensor& output : outputs) {
    if (output.requires_grad()) {
      roots.push_back(gradient_edge(output));
    }
  }
  std::vector<Node::Edge> wanted(inputs.size());
  std::ranges::transform(inputs, wanted.begin(), gradient_edge);
  const Roles roles(roots, wanted);
  if (!roots.empty() && std::ranges::none_of(roots, [&](const Node::Edge& root) {
        return roles.needed(root.node.get());
      })) {
    fail(
        "{}: the function uses none of its arguments, but tensors that it captured, which count as "
        "constants; hint: by parameters of a module, call grad() with create_graph, twice",
        where);
  }
}

std::vector<Tensor> detached(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> result(tensors.size());
  std::ranges::transform(tensors, result.begin(), &Tensor::detach);
  return result;
}

}  // namespace

Product vjp(const TensorFunction& function, const std::vector<Tensor>& inputs,
            const std::vector<Tensor>& v) {
  const GradModeGuard recording(true);
  const std::vector<Tensor> x = leaves("vjp", inputs);
  const std::vector<Tensor> outputs = function(x);
  check_fits("vjp", v, outputs);
  check_depends("vjp", outputs, x);
  return {detached(outputs), detached(gradients(outputs, x, v, {}))};
}

// The product u^T J is linear in u, and its derivative with respect to u is J^T: differentiating
// <u^T J, v> with respect to u gives J v, for any u.
Product jvp(const TensorFunction& function, const std::vector<Tensor>& inputs,
            const std::vector<Tensor>& v) {
  const GradModeGuard recording(true);
  const std::vector<Tensor> x = leaves("jvp", inputs);
  check_fits("jvp", v, x);
  const std::vector<Tensor> outputs = function(x);
  check_depends("jvp", outputs, x);
  std::vector<Tensor> u;
  for (const Tensor& output : outputs) {
    u.push_back(zeros_like(output));
    if (is_floating(output.dtype())) {
      u.back().set_requires_grad();
    }
  }
  const std::vector<Tensor> by_input = gradients(outputs, x, u, {.create_graph = true});
  std::vector<Tensor> floating;
  std::ranges::copy_if(u, std::back_inserter(floating), &Tensor::requires_grad);
  const std::vector<Tensor> found = gradients(by_input, floating, v, {});
  std::vector<Tensor> product = detached(u);  // zeros, correct for outputs without a derivative
  for (std::size_t i = 0, next = 0; i < u.size(); ++i) {
    product[i] = u[i].requires_grad() ? found[next++].detach() : product[i];
  }
  return {detached(outputs), product};
}

// The gradient of <gradient of f, v>.
Product hvp(const TensorFunction& function, const std::vector<Tensor>& inputs,
            const std::vector<Tensor>& v) {
  const GradModeGuard recording(true);
  const std::vector<Tensor> x = leaves("hvp", inputs);
  check_fits("hvp", v, x);
  const std::vector<Tensor> outputs = function(x);
  check_scalar("hvp", outputs);
  check_depends("hvp", outputs, x);
  const std::vector<Tensor> first = gradients(
      outputs, x, {full(outputs[0].shape(), 1, outputs[0].dtype())}, {.create_graph = true});
  return {detached(outputs), detached(gradients(first, x, v, {}))};
}

namespace {

/// dy/dx of shape [shape of y..., shape of x...]; one backward pass per element of y.
Tensor derivative(const Tensor& y, const Tensor& x) {
  Shape shape = y.shape();
  shape.insert(shape.end(), x.shape().begin(), x.shape().end());
  Tensor result = empty(shape, x.dtype());
  const Tensor rows = reshape(result, {y.numel(), x.numel()});
  for (std::int64_t i = 0; i < y.numel(); ++i) {
    const Tensor unit = scatter_add(zeros({y.numel()}, y.dtype()), 0,
                                    tensor<std::int64_t>({i}, {1}), ones({1}, y.dtype()));
    const Tensor row = gradients({y}, {x}, {reshape(unit, y.shape())}, {.retain_graph = true})[0];
    narrow(rows, 0, i, 1).copy_(reshape(row, {1, x.numel()}));
  }
  return result;
}

}  // namespace

Tensor jacobian(const std::function<Tensor(const Tensor&)>& function, const Tensor& x) {
  const GradModeGuard recording(true);
  const Tensor input = leaf("jacobian", x);
  const Tensor y = function(input);
  if (!is_floating(y.dtype())) {
    fail("jacobian: the function has no derivative; got {}; expected float32 or float64",
         name(y.dtype()));
  }
  check_depends("jacobian", {y}, {input});
  return derivative(y, input);
}

Tensor hessian(const std::function<Tensor(const Tensor&)>& function, const Tensor& x) {
  const GradModeGuard recording(true);
  const Tensor input = leaf("hessian", x);
  const Tensor y = function(input);
  check_scalar("hessian", {y});
  check_depends("hessian", {y}, {input});
  const Tensor first =
      gradients({y}, {input}, {full(y.shape(), 1, y.dtype())}, {.create_graph = true})[0];
  return derivative(first, input);
}

}  // namespace weft::functional
