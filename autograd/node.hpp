#pragma once

#include <memory>
#include <vector>

#include "autograd/tape.hpp"
#include "autograd/tensor_body.hpp"

namespace weft {

/// Data that an observer (observer.hpp) attaches to a node; it lives as long as the node.
struct Note {
  Note() = default;
  virtual ~Note() = default;
  Note(const Note&) = delete;
  Note& operator=(const Note&) = delete;
};

/// Data that only few nodes have.
struct NodeExtras {
  /// For a checkpoint, instead of `backward`: computes the outputs again, recorded.
  std::function<std::vector<Tensor>()> recompute;
  std::vector<HookList<GradientHook>> hooks;                 ///< one list per output, or no lists
  std::vector<std::weak_ptr<detail::TensorBody>> retaining;  ///< outputs with `retain_grad`
  std::vector<std::unique_ptr<const Note>> notes;            ///< from observers
};

/// One recorded op, or a leaf. Edges point from a node to the nodes that made its inputs. Sequence
/// numbers increase along the tape, so ascending order is a topological order. Internal to the
/// engine.
class Node {
 public:
  /// Where the gradient of an input goes: to output `output` of `node`, or nowhere.
  struct Edge {
    std::shared_ptr<Node> node;  ///< empty: the gradient goes nowhere
    std::size_t output = 0;      ///< which output of `node` the input was
  };
  /// The metadata of an input.
  struct Meta {
    Shape shape;          ///< also that of its gradient
    DType dtype;          ///< likewise
    bool defined = true;  ///< false if no tensor was given, e.g. no bias
  };

  Node();
  /// Iterative: chains of any length are destroyed without recursion.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Whether the node represents a leaf.
  bool is_leaf() const { return op == nullptr; }
  /// Releases what backward needed and marks the node as freed.
  void free();
  /// Passes the complete gradients of the outputs to hooks, which may replace them, to outputs that
  /// retain their gradients, and to observers.
  void observe(Gradients& gradients) const;
  /// The extras, created if necessary.
  NodeExtras& extra();
  /// The note of type T, or null.
  template <class T>
  const T* note() const {
    for (std::size_t i = 0; extras && i < extras->notes.size(); ++i) {
      if (const auto* const note = dynamic_cast<const T*>(extras->notes[i].get())) {
        return note;
      }
    }
    return nullptr;
  }

  const Op* op = nullptr;                  ///< null for a leaf
  std::uint64_t sequence = 0;              ///< position on the tape; 0 for a leaf
  std::vector<Edge> edges;                 ///< one per input
  std::vector<Meta> inputs;                ///< one per input
  std::size_t num_outputs = 1;             ///< of the op
  std::vector<Saved> outputs;              ///< detached; empty unless the op keeps them
  BackwardFunction backward;               ///< empty for a leaf
  bool freed = false;                      ///< whether backward has freed it
  std::weak_ptr<detail::TensorBody> leaf;  ///< for a leaf, the tensor it represents
  std::unique_ptr<NodeExtras> extras;      ///< usually null
};

/// The edge to the node output whose gradient is that of `tensor`, which must require one.
Node::Edge gradient_edge(const Tensor& tensor);

/// Creates the newest node, for `op`, and makes `outputs` part of the graph. Throws Error unless
/// they are floating tensors outside any graph.
std::shared_ptr<Node> make_node(const Op& op, std::vector<Node::Edge> edges,
                                std::vector<Node::Meta> inputs, const std::vector<Tensor>& outputs);

/// The sequence number that the next node will get.
std::uint64_t next_sequence();

}  // namespace weft
