#pragma once

#include <vector>

#include "autograd/node.hpp"

/// Sums of gradients, at a node and in a leaf. Internal to the engine.
namespace weft {

/// The sum of the gradients that have arrived at one output of a node. Products wait until their
/// factors are as large as the sum itself and are then multiplied as one, so the gradient of a
/// weight used at every time step is read and written a few times instead of once per step.
class GradientSum {
 public:
  /// Adds a gradient of the same shape and dtype.
  void add(Gradient gradient);
  /// Returns the sum, dense or as rows, and leaves this object empty.
  Gradient take();

 private:
  void add_dense(const Tensor& other);
  void add_product(Gradient product);
  void multiply();

  Tensor dense_;
  std::vector<Gradient> rows_;
  std::vector<Gradient> products_;  // not yet multiplied
  std::int64_t waiting_ = 0;        // elements of their factors
  bool ours_ = false;               // nobody else holds `dense_`, so it may be modified in place
};

/// The gradient that the backward function of `node` returned for an input, summed over the
/// dimensions along which the input was broadcast. Throws Error if shape or dtype do not fit.
Gradient fitted(const Node& node, std::size_t input, Gradient gradient);

/// Adds `gradient` to the tensor's `grad`, which has a buffer of its own. Throws Error if it does
/// not fit.
void accumulate(detail::TensorBody& body, Gradient gradient);

}  // namespace weft
