#pragma once

#include <memory>
#include <vector>

#include "models/seq2seq.hpp"

namespace weft::models {

/// Several models, of any families, that predict together: the mean of their probabilities,
/// log p(y) = log 1/M sum_m p_m(y), step by step. A token that only some of the vocabularies have
/// (a copied word) has probability 0 in the others. Its attention is the mean of those that attend.
class Ensemble : public Seq2Seq {
 public:
  /// Throws Error unless there is a member and all have the same target vocabulary's size.
  explicit Ensemble(std::vector<std::unique_ptr<Seq2Seq>> members);

  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override;
  /// The members' own, so that each takes its fastest way. Only for the true tokens: throws Error
  /// unless the ratio is 1.
  Tensor forward(const data::Batch& batch, TeacherForcing forcing = {}) const override;

 private:
  std::vector<std::unique_ptr<Seq2Seq>> members_;
};

}  // namespace weft::models
