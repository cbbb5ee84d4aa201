#pragma once

#include "autograd/ops.hpp"
#include "nn/module.hpp"

namespace weft::nn {

/// Cross-entropy of logits against class ids: -log softmax(logits)[target].
class CrossEntropyLoss : public Module {
 public:
  /// Targets equal to `ignore_index` are excluded from the sum and the mean.
  explicit CrossEntropyLoss(std::int64_t ignore_index = -100,
                            Reduction reduction = Reduction::mean);

  /// logits [..., V], targets [...] (int64) -> a scalar. The classes are the last dimension, so
  /// sequences need no reshaping: [T, B, V] against [T, B]. Throws Error if the shapes do not fit
  /// or a target is neither a class nor `ignore_index`.
  Tensor forward(const Tensor& logits, const Tensor& targets) const;

 private:
  std::int64_t ignore_index_;
  Reduction reduction_;
};

}  // namespace weft::nn
