#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "autograd/op.hpp"

namespace weft::tools {

/// One call of an op to be timed.
struct OpCall {
  std::vector<Tensor> inputs;  ///< those whose gradients are computed
  TensorFunction function;     ///< calls the op
};

/// An op that `weft bench ops` measures; tools/bench/pytorch_ops.py has the same by the same name.
struct OpCase {
  std::string_view name;
  /// How many elements, in multiples of `elements`, a forward and a backward pass must read and
  /// write at least; 0 if it is not memory that limits the op.
  double traffic;
  /// Makes a call on about `elements` elements, a multiple of 1,024.
  OpCall (*make)(std::int64_t elements);
  /// Whether matrix products take the time; such ops are no part of the mean over all.
  bool products = false;
};

/// All cases, in the order of the table.
const std::vector<OpCase>& op_cases();

}  // namespace weft::tools
