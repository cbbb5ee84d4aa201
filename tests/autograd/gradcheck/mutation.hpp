#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/node.hpp"
#include "autograd/observer.hpp"
#include "autograd/ops.hpp"

/// Typical bugs in backward functions, injected into those of the library while a test runs,
/// without rebuilding.
namespace weft::testing {

/// A call of a backward function into which a bug is injected.
struct Victim {
  const Node& node;
  const Backward& given;
  std::function<Gradients(const Backward&)> call;  ///< the right backward function
  std::size_t input;                               ///< whose gradient is to be wrong, if it has one

  Gradients right() const { return call(given); }
};

struct Mutation {
  std::string name;
  std::vector<Diagnosis> expected;  ///< each of them names the bug
  std::function<Gradients(Victim&)> plant;
  int order = 1;        ///< of the first gradient that is wrong
  int passes = 1;       ///< backward passes until it is wrong
  double least = 1e-3;  ///< error of a gradient from which on the bug counts
  bool twice = false;   ///< is about an input that is used twice: the op is called so
};

/// Injects a mutation into every backward call of one op.
class Planted : public Observer {
 public:
  Planted(const Op& op, const Mutation& mutation, std::size_t input)
      : op_(op), mutation_(mutation), input_(input) {}

  Gradients call(const Node& node, const Backward& backward) override {
    if (node.op != &op_) {
      return Observer::call(node, backward);
    }
    const auto call = [&](const Backward& given) { return Observer::call(node, given); };
    Victim victim{node, backward, call, input_ % node.edges.size()};
    return mutation_.plant(victim);
  }

 private:
  const Op& op_;
  const Mutation& mutation_;
  std::size_t input_;
};

using Elements = std::vector<double>;

/// A copy of `x` with elements written by `change`, outside any graph.
template <class F>
Tensor edited(const Tensor& x, F&& change) {
  const Tensor wide = x.dtype() == DType::float64 ? x.detach() : x.detach().to(DType::float64);
  Elements elements = wide.to_vector<double>();
  change(elements);
  return tensor(elements, x.shape()).to(x.dtype());
}

/// The index of the input whose gradient is changed: the next one that has a gradient.
inline std::size_t chosen(const Victim& victim, const Gradients& gradients) {
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const std::size_t input = (victim.input + i) % gradients.size();
    if (gradients[input].defined() && victim.given.needs(input)) {
      return input;
    }
  }
  return gradients.size();
}

/// Changes one gradient as a whole; `change` may return it unchanged, or return an undefined one.
inline std::function<Gradients(Victim&)> gradient(
    const std::function<Tensor(const Tensor& gradient, const Victim&, std::size_t input)>& change) {
  return [change](Victim& victim) {
    Gradients gradients = victim.right();
    const std::size_t input = chosen(victim, gradients);
    if (input < gradients.size()) {
      gradients[input] = change(gradients[input].dense(), victim, input);
    }
    return gradients;
  };
}

/// Changes the elements of one gradient.
inline std::function<Gradients(Victim&)> elements(
    const std::function<void(Elements& gradient, const Shape&)>& change) {
  return gradient([change](const Tensor& g, const Victim&, std::size_t) {
    return edited(g, [&](Elements& elements) { change(elements, g.shape()); });
  });
}

inline std::function<Gradients(Victim&)> each(const std::function<double(double)>& f) {
  return elements([f](Elements& g, const Shape&) { std::ranges::transform(g, g.begin(), f); });
}

/// Changes the gradients that a backward function receives.
inline std::function<Gradients(Victim&)> cotangents(
    const std::function<void(std::vector<Tensor>&)>& change) {
  return [change](Victim& victim) {
    std::vector<Tensor> grads;
    for (std::size_t i = 0; i < victim.given.num_grads(); ++i) {
      grads.push_back(victim.given.grad(i));
    }
    std::vector<Tensor> outputs;
    for (std::size_t i = 0; i < victim.node.outputs.size(); ++i) {
      outputs.push_back(victim.given.output(i));
    }
    std::vector<bool> needs;
    for (std::size_t i = 0; i < victim.node.edges.size(); ++i) {
      needs.push_back(victim.given.needs(i));
    }
    change(grads);
    return victim.call(Backward(grads, outputs, needs));
  };
}

/// The elements of a matrix with its last two dimensions swapped, in the old shape.
inline Tensor transposed_inside(const Tensor& g) {
  return g.dim() < 2 ? g : reshape(transpose(g, -1, -2), g.shape());
}

/// Zero at one index of a dimension.
inline Tensor without_slice(const Tensor& g, std::int64_t dim, std::int64_t index) {
  const std::int64_t size = g.size(dim);
  const std::int64_t at = index < 0 ? size + index : index;
  return cat({narrow(g, dim, 0, at), zeros_like(narrow(g, dim, at, 1)),
              narrow(g, dim, at + 1, size - at - 1)},
             dim);
}

inline Elements rolled(const Elements& g, std::size_t by) {
  Elements result = g;
  const std::size_t places = g.empty() ? 0 : by % g.size();
  std::rotate(result.begin(), result.end() - static_cast<std::ptrdiff_t>(places),
              result.end());  // Clang 14 has no ranges::rotate
  return result;
}

/// The current elements of the leaf that is input i of a node; undefined if it is not a leaf or was
/// broadcast to the shape of the gradient.
inline Tensor leaf_of(const Victim& victim, std::size_t input, const Tensor& gradient) {
  const std::shared_ptr<Node>& place = victim.node.edges[input].node;
  const auto body = place ? place->leaf.lock() : nullptr;
  return body && body->shape == gradient.shape() ? detail::TensorBody::handle(body).detach()
                                                 : Tensor();
}

/// The gradient, set to zero where the input meets a condition.
inline std::function<Gradients(Victim&)> zero_where(std::function<bool(double)> condition) {
  return gradient([condition](const Tensor& g, const Victim& victim, std::size_t input) {
    const Tensor x = leaf_of(victim, input, g);
    if (!x.defined()) {
      return g;
    }
    const Elements at = x.to(DType::float64).to_vector<double>();
    return edited(g, [&](Elements& elements) {
      for (std::size_t i = 0; i < elements.size(); ++i) {
        elements[i] = condition(at[i]) ? 0 : elements[i];
      }
    });
  });
}

}  // namespace weft::testing
