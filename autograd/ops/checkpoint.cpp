#include <algorithm>
#include <set>

#include "autograd/node.hpp"
#include "autograd/observer.hpp"
#include "autograd/ops.hpp"
#include "autograd/path.hpp"
#include "autograd/survey.hpp"

/// Gradient checkpointing (Chen et al. 2016, "Training deep nets with sublinear memory cost",
/// arXiv:1604.06174): a segment of a network keeps only its inputs and is recomputed when backward
/// reaches it. A chain of n^2 steps in n segments then needs the memory of 2 n steps, at the cost
/// of one more forward pass.
namespace weft {
namespace {

/// A repeatable call of a function.
struct Run {
  TensorFunction function;
  std::vector<Saved> inputs;
  Generator generator;  ///< the default generator as it was before the call
  Place place;
  std::vector<Saved> captured;        ///< leaves that the function captured
  std::vector<std::size_t> recorded;  ///< outputs with a gradient
  std::vector<Shape> shapes;          ///< their shapes

  std::vector<Tensor> again() const;
};

/// Sets the position of the default generator for a scope.
class Replay {
 public:
  explicit Replay(const Generator& earlier) : now_(default_generator()) {
    default_generator() = earlier;
  }
  ~Replay() { default_generator() = now_; }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

 private:
  Generator now_;
};

std::vector<Tensor> Run::again() const {
  const GradModeGuard recording(true);
  const PathScope scope(place);
  const Replay replay(generator);
  std::vector<Tensor> arguments;
  for (const Saved& input : inputs) {
    arguments.push_back(*input);
  }
  for (const Saved& leaf : captured) {
    *leaf;  // throws if it has been modified since
  }
  const std::vector<Tensor> all = function(arguments);
  std::vector<Tensor> outputs;
  std::vector<Shape> got;
  for (const std::size_t i : recorded) {
    outputs.push_back(i < all.size() ? all[i] : Tensor());
    const bool same = outputs.back().defined() && outputs.back().requires_grad();
    got.push_back(same ? outputs.back().shape() : Shape{-1});
  }
  if (got != shapes) {
    fail(
        "checkpoint: the function made other outputs when it was run again; got {}; expected {}; "
        "hint: did it capture what changed since?",
        got, shapes);
  }
  return outputs;
}

/// The edges that lead out of what was recorded since node number `first`: to inputs, and to
/// parameters and other tensors that the function captured.
struct Border {
  Border(const std::vector<Tensor>& outputs, std::uint64_t first) {
    std::vector<Node::Edge> roots;
    for (const Tensor& output : outputs) {
      roots.push_back(gradient_edge(output));
      visit(roots.back(), {output.shape(), output.dtype()}, first);
    }
    for (const Node* node : reachable(roots, first)) {
      for (std::size_t i = 0; i < node->edges.size(); ++i) {
        visit(node->edges[i], node->inputs[i], first);
      }
    }
  }

  std::vector<Node::Edge> edges;
  std::vector<Node::Meta> metas;

 private:
  void visit(const Node::Edge& edge, const Node::Meta& meta, std::uint64_t first) {
    if (edge.node && edge.node->sequence < first &&
        seen_.emplace(edge.node.get(), edge.output).second) {
      edges.push_back(edge);
      metas.push_back(meta);
    }
  }

  std::set<std::pair<const Node*, std::size_t>> seen_;
};

}  // namespace

// y = f(x) for any f composed of ops;  dx by the derivatives of those ops
namespace {
const Op checkpoint_op(
    "checkpoint",
    [](Sampler& s) -> Sample {
      const auto f = [](const std::vector<Tensor>& x) {
        const Tensor h = tanh(x[0]) * x[1];
        return std::vector{h, sum(h * x[0])};
      };
      const Shape shape = s.shape();
      return {{s.normal(shape), s.normal(shape)}, [f](const auto& x) { return checkpoint(f, x); }};
    },
    {{[] { checkpoint({}, {}); }, "checkpoint: no function given"}});
}
std::vector<Tensor> checkpoint(const TensorFunction& function, const std::vector<Tensor>& inputs) {
  if (!function) {
    fail("checkpoint: no function given");
  }
  Run run{function, {inputs.begin(), inputs.end()}, default_generator(), current_place(), {}, {},
          {}};
  const std::uint64_t first = next_sequence();
  // Recorded too, which shows what it depends on; this graph is dropped at the end.
  std::vector<Tensor> outputs = function(inputs);
  std::vector<Tensor> recorded;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].requires_grad()) {
      recorded.push_back(outputs[i]);
      run.recorded.push_back(i);
      run.shapes.push_back(outputs[i].shape());
    }
  }
  if (!grad_enabled() || recorded.empty()) {
    return outputs;
  }
  Border border(recorded, first);
  for (const Node::Edge& edge : border.edges) {
    if (auto leaf = edge.node->leaf.lock()) {
      run.captured.emplace_back(detail::TensorBody::handle(std::move(leaf)));
    }
  }
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    recorded[i] = outputs[run.recorded[i]] = recorded[i].detach();
  }
  const std::shared_ptr<Node> node =
      make_node(checkpoint_op, std::move(border.edges), std::move(border.metas), recorded);
  node->extra().recompute = [run = std::move(run)] { return run.again(); };
  if (Observer* const observer = Observer::current()) {
    observer->recorded(node, inputs, recorded);
  }
  return outputs;
}

}  // namespace weft
