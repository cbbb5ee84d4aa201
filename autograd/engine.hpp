#pragma once

#include <functional>
#include <vector>

#include "autograd/tensor.hpp"

namespace weft {

/// How `backward` walks.
struct BackwardOptions {
  bool retain_graph = false;  ///< keep the graph for another walk
  bool create_graph = false;  ///< record the walk itself; implies retain_graph
  /// Hears each leaf that this walk gave a gradient, once, as soon as nothing of the walk can add
  /// to it any more: a parameter that late layers alone use long before the walk ends. The order
  /// is the same at every run. It may read and replace the leaf's gradient. If it throws, the walk
  /// ends there; leaves of which it heard keep what they got, the others are as before.
  std::function<void(const Tensor& leaf)> on_final = nullptr;
};

/// Accumulates the gradients of sum_i <outputs[i], cotangents[i]> into the leaves. Cotangents may
/// be left out for scalars. Iterative; frees the graph unless it is to be retained. Throws Error if
/// an output requires no gradient, a cotangent does not fit, or the graph was freed before.
void backward(const std::vector<Tensor>& outputs, const std::vector<Tensor>& cotangents = {},
              const BackwardOptions& options = {});

/// How `grad` walks.
struct GradOptions {
  bool retain_graph = false;  ///< keep the graph for another walk
  bool create_graph = false;  ///< record the walk itself; implies retain_graph
  /// An input that the outputs do not depend on: undefined gradient if true, Error if false.
  bool allow_unused = false;
};

/// Returns the gradients of sum_i <outputs[i], cotangents[i]> with respect to `inputs` (leaves or
/// intermediate results), touching no leaf's `grad`. Cotangents may be left out for scalars. The
/// results may share buffers with each other and with the cotangents: clone() before a change.
std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& cotangents = {}, GradOptions options = {});

/// Whether this thread is in one of the two walks: in a backward function, a hook, a listener.
bool walking();

}  // namespace weft
