#include "nn/loss.hpp"

namespace weft::nn {

CrossEntropyLoss::CrossEntropyLoss(std::int64_t ignore_index, Reduction reduction)
    : ignore_index_(ignore_index), reduction_(reduction) {}

Tensor CrossEntropyLoss::forward(const Tensor& logits, const Tensor& targets) const {
  const Forward call(*this);
  Shape expected = logits.shape();
  const bool has_classes = !expected.empty() && expected.back() > 0;
  if (has_classes) {
    expected.pop_back();
  }
  if (!has_classes || targets.shape() != expected) {
    fail(
        "CrossEntropyLoss: shapes do not fit; got logits {} and targets {}; expected [..., V] "
        "and [...]",
        logits.shape(), targets.shape());
  }
  const std::int64_t rows = targets.numel();
  return call.output(cross_entropy(reshape(logits, {rows, logits.size(-1)}),
                                   reshape(targets, {rows}), ignore_index_, reduction_));
}

}  // namespace weft::nn
