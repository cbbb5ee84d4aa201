#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autograd/tensor.hpp"

namespace weft {

/// A summary of a tensor's elements, for messages. Internal to anomaly mode.
struct Values {
  /// Reads all elements; `tensor` may be undefined.
  explicit Values(const Tensor& tensor);
  /// Whether no element is NaN or infinite.
  bool finite() const { return nan == 0 && inf == 0; }

  bool defined = false;  ///< whether the tensor is defined
  Shape shape;           ///< of the tensor
  double min = 0;        ///< of the finite elements; above `max` if there are none
  double max = 0;        ///< likewise
  std::int64_t nan = 0;  ///< number of NaN elements
  std::int64_t inf = 0;  ///< number of infinite elements, of both signs
};

/// "[2, 3] in [-1, 4], 0 NaN, 0 inf", or "none" for an undefined tensor.
std::string to_string(const Values& values);
/// The same for several tensors, numbered: "input 0: [2, 3] in [-1, 4], 0 NaN, 0 inf; input 1:
/// none".
std::string to_string(std::string_view what, const std::vector<Values>& values);
/// The summary of each tensor.
std::vector<Values> values_of(const std::vector<Tensor>& tensors);

}  // namespace weft
