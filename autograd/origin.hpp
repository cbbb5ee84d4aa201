#pragma once

#include <string>
#include <vector>

#include "autograd/node.hpp"
#include "autograd/path.hpp"

/// What messages say of a node beyond its op. Internal to anomaly mode and the GraphTracker.
namespace weft {

/// The elements of a tensor in short.
struct Values {
  /// Reads all elements; `tensor` may be undefined.
  explicit Values(const Tensor& tensor);
  /// Whether no element is NaN or infinite.
  bool finite() const { return nan == 0 && inf == 0; }

  bool defined = false;  ///< whether there was a tensor
  Shape shape;           ///< of the tensor
  double min = 0;        ///< of the finite elements; above `max` if there are none
  double max = 0;        ///< likewise
  std::int64_t nan = 0;  ///< how many elements
  std::int64_t inf = 0;  ///< how many elements, of both signs
};

/// "[2, 3] in [-1, 4], 0 NaN, 0 inf", or "none" for an undefined tensor.
std::string to_string(const Values& values);
/// The same of each, numbered: "input 0: [2, 3] in [-1, 4], 0 NaN, 0 inf; input 1: none".
std::string to_string(std::string_view what, const std::vector<Values>& values);
/// Each tensor in short.
std::vector<Values> values_of(const std::vector<Tensor>& tensors);

/// Where a node was recorded, and with what.
struct Origin {
  Place place;                                             ///< the modules and the time step
  std::vector<Values> inputs;                              ///< in anomaly mode, else empty
  std::vector<std::weak_ptr<detail::TensorBody>> outputs;  ///< as long as somebody holds them
};

/// Null if the node was recorded neither in anomaly mode nor under a GraphTracker.
inline const Origin* origin_of(const Node& node) {
  return node.extras ? node.extras->origin.get() : nullptr;
}

namespace detail {

/// Gives a node that was just recorded its origin, if anybody asks for origins.
void note_origin(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                 const std::vector<Tensor>& outputs);
/// A node begins and ends its life in the books of the GraphTracker.
void track(const std::shared_ptr<Node>& node);
void untrack(const Node& node);

}  // namespace detail
}  // namespace weft
