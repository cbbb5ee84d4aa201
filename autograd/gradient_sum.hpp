#pragma once

#include <vector>

#include "autograd/node.hpp"

/// Sums of gradients, at a place in the graph and in a leaf. Internal to the engine.
namespace weft {

/// The sum of the gradients that have arrived at one place. Products wait until their
/// factors are as large as the sum itself, and are then multiplied as one: the gradient of a weight
/// that every step uses is read and written a few times, not at each.
class GradientSum {
 public:
  /// Adds another, of the same shape and dtype.
  void add(Gradient gradient);
  /// The sum, dense or rows, which the caller may keep; this object is then empty.
  Gradient take();

 private:
  void add_dense(const Tensor& other);
  void add_product(Gradient product);
  void multiply();

  Tensor dense_;
  std::vector<Gradient> rows_;
  std::vector<Gradient> products_;  // not yet multiplied
  std::int64_t waiting_ = 0;        // elements of their factors
  bool ours_ = false;               // nobody else holds `dense_`, so it may be changed in place
};

/// A gradient that the backward function of `node` returned for an input, summed over the
/// dimensions along which the input was broadcast. Throws Error if shape or dtype do not fit.
Gradient fitted(const Node& node, std::size_t input, Gradient gradient);

/// The tensor's `grad` grows by `gradient`, in a buffer of its own. Throws Error if it does not
/// fit.
void accumulate(detail::TensorBody& body, Gradient gradient);

}  // namespace weft
