#pragma once

#include "nn/linear.hpp"

namespace weft::nn {

/// The simpler simple recurrent unit (equations in ssru.cpp): its products do not depend on the
/// state, so those of all steps are two large products. E features, of input and output.
class SSRU : public Module {
 public:
  /// Both layers are initialized uniform by Glorot and Bengio, the bias to 0.
  explicit SSRU(std::int64_t embed_dim);

  /// x [T, B, E] -> [T, B, E], from a state of zeros.
  Tensor forward(const Tensor& x) const;

  /// The result of a step.
  struct Step {
    Tensor output;  ///< [N, E]
    Tensor state;   ///< c, [N, E]
  };
  /// One step: x [N, E], state [N, E].
  Step step(const Tensor& x, const Tensor& state) const;

  Linear forget;     ///< E -> E, the arguments of f
  Linear candidate;  ///< E -> E, without bias
};

}  // namespace weft::nn
