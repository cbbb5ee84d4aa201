#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autograd/tensor.hpp"

namespace weft {

/// The elements of a tensor in short, for messages. Internal to anomaly mode.
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

}  // namespace weft
