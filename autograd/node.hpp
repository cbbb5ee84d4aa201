#pragma once

#include <memory>
#include <vector>

#include "autograd/tape.hpp"
#include "autograd/tensor_body.hpp"

namespace weft {

/// What an observer (observer.hpp) keeps with a node, as long as the node lives.
struct Note {
  Note() = default;
  virtual ~Note() = default;
  Note(const Note&) = delete;
  Note& operator=(const Note&) = delete;
};

/// What few nodes have.
struct NodeExtras {
  /// Of a checkpoint, in the place of `backward`: computes the outputs again, recorded.
  std::function<std::vector<Tensor>()> recompute;
  std::vector<HookList<GradientHook>> hooks;                 ///< one list an output, or no list
  std::vector<std::weak_ptr<detail::TensorBody>> retaining;  ///< outputs after `retain_grad`
  std::vector<std::unique_ptr<const Note>> notes;            ///< of observers
};

/// One recorded op, or the place of a leaf. Edges point from a node to the nodes that made its
/// inputs. Sequence numbers grow along the tape, so that rising order is a topological order.
/// Internal to the engine.
class Node {
 public:
  /// Where the gradient of an input goes: output `output` of `node`, or nowhere.
  struct Edge {
    std::shared_ptr<Node> node;  ///< empty: the gradient goes nowhere
    std::size_t output = 0;      ///< which output of `node` the input was
  };
  /// What is remembered of an input.
  struct Meta {
    Shape shape;          ///< its gradient has the same
    DType dtype;          ///< likewise
    bool defined = true;  ///< false: no tensor was given, as for no bias
  };

  Node();
  /// Iterative: chains of any length are taken apart without recursion.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Whether it stands for a leaf.
  bool is_leaf() const { return op == nullptr; }
  /// Drops what backward needed; the node remembers that it was freed.
  void free();
  /// Shows the gradients of the outputs, now complete, to hooks, which may replace them, to outputs
  /// that retain them, and to observers.
  void observe(Gradients& gradients) const;
  /// The extras, made if there are none.
  NodeExtras& extra();
  /// The note of type T; null if there is none.
  template <class T>
  const T* note() const {
    for (std::size_t i = 0; extras && i < extras->notes.size(); ++i) {
      if (const auto* const note = dynamic_cast<const T*>(extras->notes[i].get())) {
        return note;
      }
    }
    return nullptr;
  }

  const Op* op = nullptr;                  ///< none for a leaf
  std::uint64_t sequence = 0;              ///< its place on the tape; 0 for a leaf
  std::vector<Edge> edges;                 ///< one for each input
  std::vector<Meta> inputs;                ///< one for each input
  std::size_t num_outputs = 1;             ///< of the op
  std::vector<Saved> outputs;              ///< outside the graph; empty unless the op keeps them
  BackwardFunction backward;               ///< none for a leaf
  bool freed = false;                      ///< whether backward has walked and freed it
  std::weak_ptr<detail::TensorBody> leaf;  ///< of a leaf, the tensor it stands for
  std::unique_ptr<NodeExtras> extras;      ///< mostly none
};

/// The place in the graph whose gradient is the gradient of `tensor`, which requires one.
Node::Edge gradient_edge(const Tensor& tensor);

/// A node of `op`, the youngest so far, that makes `outputs` part of the graph. Throws Error unless
/// they are floating tensors outside any graph.
std::shared_ptr<Node> make_node(const Op& op, std::vector<Node::Edge> edges,
                                std::vector<Node::Meta> inputs, const std::vector<Tensor>& outputs);

/// The sequence number that the next node gets.
std::uint64_t next_sequence();

}  // namespace weft
