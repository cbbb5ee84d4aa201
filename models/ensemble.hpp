#pragma once

#include <memory>
#include <vector>

#include "models/translation/translator.hpp"

namespace weft::models {

/// Several models that predict together: the mean of their probabilities, log p(y) = log 1/M sum_m
/// p_m(y), step by step. Its features are these logarithms [..., V]. Its attention is the mean of
/// those that attend.
class Ensemble : public Seq2Seq {
 public:
  /// Throws Error unless there is a member and all have the same target vocabulary's size.
  explicit Ensemble(std::vector<std::unique_ptr<Seq2Seq>> members);

  Memory encode(const Tensor& source, const Tensor& lengths) const override;
  State start(const Memory& memory) const override;
  Step step(const Memory& memory, const State& state, const Tensor& tokens) const override;
  Tensor project(const Tensor& features) const override { return features; }
  Tensor teach(const Memory& memory, const Tensor& target_in) const override;

 private:
  std::vector<std::unique_ptr<Seq2Seq>> members_;
  std::vector<std::ptrdiff_t> state_sizes_;  // tensors of each member's state
};

/// One translator of several with the same languages. Throws Error if a vocabulary or a way to cut
/// lines differs.
Translator join(std::vector<Translator> members);

}  // namespace weft::models
