#pragma once

#include <functional>
#include <vector>

#include "autograd/tensor.hpp"

namespace weft {

/// Options of `backward`.
struct BackwardOptions {
  bool retain_graph = false;  ///< keep the graph for another backward pass
  bool create_graph = false;  ///< record the backward pass itself; implies retain_graph
  /// Called once for each leaf that received a gradient, as soon as nothing in this pass can add to
  /// it any more: a parameter used only by late layers is reported long before the pass ends. The
  /// order is the same in every run. The callback may read and replace the leaf's gradient. If it
  /// throws, the pass ends there; leaves already reported keep their gradients, the others are as
  /// before.
  std::function<void(const Tensor& leaf)> on_final = nullptr;
};

/// Accumulates the gradients of sum_i <outputs[i], cotangents[i]> into the leaves. Cotangents may
/// be omitted for scalars. Iterative; frees the graph unless it is to be retained. Throws Error if
/// an output does not require a gradient, a cotangent does not fit, or the graph has already been
/// freed.
void backward(const std::vector<Tensor>& outputs, const std::vector<Tensor>& cotangents = {},
              const BackwardOptions& options = {});

/// Options of `grad`.
struct GradOptions {
  bool retain_graph = false;  ///< keep the graph for another backward pass
  bool create_graph = false;  ///< record the backward pass itself; implies retain_graph
  /// If an input does not affect the outputs: an undefined gradient if true, an Error if false.
  bool allow_unused = false;
};

/// Returns the gradients of sum_i <outputs[i], cotangents[i]> with respect to `inputs` (leaves or
/// intermediate results); no leaf's `grad` is changed. Cotangents may be omitted for scalars. The
/// results may share buffers with each other and with the cotangents: clone() before modifying
/// them.
std::vector<Tensor> grad(const std::vector<Tensor>& outputs, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& cotangents = {}, GradOptions options = {});

/// Whether this thread is inside `backward` or `grad`: in a backward function, a hook or a
/// callback.
bool walking();

}  // namespace weft
