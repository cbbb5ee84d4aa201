#include "autograd/gradcheck/witness.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/gradcheck/problem.hpp"
#include "autograd/node.hpp"
#include "autograd/observer.hpp"
#include "autograd/ops.hpp"

namespace weft::detail {
namespace {

/// One recorded call of an op, with the gradients of its backward.
struct Step {
  std::shared_ptr<Node> node;
  std::vector<Tensor> inputs;  ///< copies; undefined where not float64
  std::vector<Tensor> outputs;
  std::vector<Tensor> given;     ///< gradients of the outputs
  std::vector<Tensor> returned;  ///< gradients of the inputs, in the shape they were returned
};

std::vector<Tensor> copies(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> result;
  result.reserve(tensors.size());
  for (const Tensor& tensor : tensors) {
    const bool checked = tensor.defined() && tensor.dtype() == DType::float64;
    result.push_back(checked ? tensor.detach().clone() : Tensor());
  }
  return result;
}

class Witness : public Observer {
 public:
  void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                const std::vector<Tensor>& outputs) override {
    Observer::recorded(node, inputs, outputs);
    if (listening && node->backward) {
      steps.push_back({node, copies(inputs), copies(outputs), {}, {}});
    }
  }
  Gradients call(const Node& node, const Backward& backward) override {
    Gradients gradients = Observer::call(node, backward);
    const auto step = std::ranges::find(steps, &node, [](const Step& s) { return s.node.get(); });
    if (step != steps.end()) {
      for (std::size_t i = 0; i < backward.num_grads(); ++i) {
        step->given.push_back(backward.grad(i));
      }
      std::ranges::transform(gradients, std::back_inserter(step->returned), &Gradient::dense);
    }
    return gradients;
  }

  std::vector<Step> steps;
  bool listening = true;
};

/// (above - below) / 2h for each tensor.
std::vector<Tensor> differences(const std::vector<Tensor>& above, const std::vector<Tensor>& below,
                                double h) {
  std::vector<Tensor> result;
  for (std::size_t i = 0; i < std::min(above.size(), below.size()); ++i) {
    const bool both =
        above[i].defined() && below[i].defined() && above[i].shape() == below[i].shape();
    result.push_back(both ? (above[i] - below[i]) / (2 * h) : Tensor());
  }
  return result;
}

/// <gradient, change>; the gradient may have the shape that the input was broadcast to.
double product(const Tensor& gradient, const Tensor& change) {
  if (!gradient.defined() || !change.defined() || gradient.dtype() != DType::float64 ||
      !broadcasts_to(change.shape(), gradient.shape())) {
    return 0;
  }
  return dot({gradient}, {expand(change, gradient.shape())});
}

bool changes(const Tensor& change) {
  const auto moved = [](double x) { return std::abs(x) > 1e-6; };
  return change.defined() && std::ranges::any_of(change.data<double>(), moved);
}

/// Compares each step's backward with finite differences: <returned, dx> must be <given, dy>.
void question(const Step& step, const std::vector<Tensor>& dx, const std::vector<Tensor>& dy,
              Testimony& testimony) {
  const std::string& op = step.node->op->name();
  if (dx.size() != step.inputs.size() || dy.size() != step.outputs.size()) {
    return;  // a different call at nearby inputs
  }
  for (std::size_t i = 0; i < dx.size(); ++i) {
    if (!step.node->edges[i].node && changes(dx[i])) {
      testimony.detached.push_back({op, i});
    }
  }
  if (step.returned.size() != dx.size()) {
    return;  // no gradient arrived here
  }
  double by_tape = 0;
  double by_difference = 0;
  for (std::size_t i = 0; i < dx.size(); ++i) {
    by_tape += step.node->edges[i].node ? product(step.returned[i], dx[i]) : 0;
  }
  for (std::size_t i = 0; i < dy.size(); ++i) {
    by_difference += product(step.given[i], dy[i]);
  }
  if (!(relative_error(by_tape, by_difference) < 1e-5)) {
    testimony.suspects.push_back(op);
  }
}

std::vector<Step> observed(const TensorFunction& function, const std::vector<Tensor>& inputs) {
  Witness witness;
  differentiable(function, inputs);
  return witness.steps;
}

bool is_zero(const Tensor& gradient) {
  const auto zero = [](double g) { return g == 0; };
  return !gradient.defined() ||
         (gradient.dtype() == DType::float64 && std::ranges::all_of(gradient.data<double>(), zero));
}

/// The gradients that each use of a leaf returned; `arrived` is what the engine made of them.
Testimony::Leaf uses_of(const Tensor& leaf, const Tensor& arrived, const std::vector<Step>& steps) {
  Testimony::Leaf result;
  std::vector<Tensor> came;
  for (const Step& step : steps) {
    for (std::size_t i = 0; i < step.node->edges.size(); ++i) {
      const std::shared_ptr<Node>& place = step.node->edges[i].node;
      if (place && place->leaf.lock() == TensorBody::of(leaf)) {
        result.uses.push_back({step.node->op->name(), i});
        came.push_back(i < step.returned.size() ? step.returned[i] : Tensor());
        if (is_zero(came.back())) {
          result.silent.push_back(result.uses.back());
        }
      }
    }
  }
  const auto plain = [&](const Tensor& gradient) {
    return gradient.defined() && gradient.dtype() == DType::float64 &&
           gradient.shape() == leaf.shape();
  };
  if (!came.empty() && std::ranges::all_of(came, plain) && plain(arrived)) {
    Tensor sum = came[0];
    std::ranges::for_each(came.begin() + 1, came.end(), [&](const Tensor& g) { sum = sum + g; });
    result.lost =
        !std::ranges::equal(sum.data<double>(), arrived.data<double>(),
                            [](double a, double b) { return relative_error(a, b) < 1e-9; });
  }
  return result;
}

void name_ops(const std::vector<Step>& steps, std::vector<std::string>& ops) {
  for (const Step& step : steps) {
    if (std::ranges::find(ops, step.node->op->name()) == ops.end()) {
      ops.push_back(step.node->op->name());
    }
  }
}

}  // namespace

Testimony testify(const TensorFunction& function, const std::vector<Tensor>& inputs,
                  Generator& generator) {
  constexpr double kStep = 1e-5;
  Testimony testimony;
  std::vector<Step> steps;
  {
    const NoGradGuard guard;
    Witness witness;
    const std::vector<Tensor> outputs = differentiable(function, inputs);
    witness.listening = false;  // a fused op may record its composed form during backward
    std::vector<Tensor> arrived(inputs.size());
    if (!outputs.empty()) {
      try {
        arrived = gradients(outputs, inputs, random_like(outputs, generator), false);
      } catch (const BackwardError&) {  // what the nodes before the error returned is recorded
      }
    }
    steps = std::move(witness.steps);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      testimony.leaves.push_back(inputs[i].requires_grad() ? uses_of(inputs[i], arrived[i], steps)
                                                           : Testimony::Leaf{});
    }
  }
  name_ops(steps, testimony.ops);

  const std::vector<Tensor> leaves = that_require_grad(inputs);
  const std::vector<Tensor> direction = random_like(leaves, generator);
  Restore restore(leaves);
  restore.move(direction, kStep);
  const std::vector<Step> above = observed(function, inputs);
  restore.move(direction, -kStep);
  const std::vector<Step> below = observed(function, inputs);
  if (above.size() != steps.size() || below.size() != steps.size()) {
    return testimony;
  }
  const NoGradGuard guard;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    question(steps[i], differences(above[i].inputs, below[i].inputs, kStep),
             differences(above[i].outputs, below[i].outputs, kStep), testimony);
  }
  return testimony;
}

}  // namespace weft::detail
