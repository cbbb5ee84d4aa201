#pragma once

#include <memory>
#include <vector>

#include "autograd/tape.hpp"
#include "autograd/tensor_body.hpp"

namespace weft {

/// One recorded op, or the place of a leaf. Edges point from a node to the nodes that made its
/// inputs. Sequence numbers grow along the tape, so that rising order is a topological order.
/// Internal to the engine.
class Node {
 public:
  /// Where the gradient of an input goes: output `output` of `node`, or nowhere.
  struct Edge {
    std::shared_ptr<Node> node;
    std::size_t output = 0;
  };
  struct Meta {
    Shape shape;
    DType dtype;
    bool defined = true;  ///< false: no tensor was given, as for no bias
  };

  Node();
  /// Iterative: chains of any length are taken apart without recursion.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  bool is_leaf() const { return op == nullptr; }
  /// Drops what backward needed; the node remembers that it was freed.
  void free();

  const Op* op = nullptr;
  std::uint64_t sequence = 0;  ///< 0 for a leaf: it comes last in backward
  std::vector<Edge> edges;     ///< one for each input
  std::vector<Meta> inputs;
  std::size_t num_outputs = 1;
  std::vector<Saved> outputs;  ///< outside the graph; empty unless the op keeps them
  BackwardFunction backward;
  bool freed = false;
  std::weak_ptr<detail::TensorBody> leaf;
};

/// The place in the graph whose gradient is the gradient of `tensor`, which requires one.
Node::Edge gradient_edge(const Tensor& tensor);

}  // namespace weft
