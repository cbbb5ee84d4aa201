#pragma once

#include <memory>
#include <vector>

#include "models/seq2seq.hpp"

namespace weft::models {

/// An ensemble of models, of any families. Averages their probabilities at every step,
/// log p(y) = log 1/M sum_m p_m(y). A token outside a member's vocabulary (a copied word) has
/// probability 0 for that member. Attention is the mean over the members that have it.
class Ensemble : public Seq2Seq {
 public:
  /// Throws Error if there are no members, or if the sizes of their target vocabularies differ.
  explicit Ensemble(std::vector<std::unique_ptr<Seq2Seq>> members);

  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override;
  /// Calls the members' `forward`, which is faster than a session. Throws Error unless the teacher
  /// forcing ratio is 1.
  Tensor forward(const data::Batch& batch, TeacherForcing forcing = {}) const override;

 private:
  std::vector<std::unique_ptr<Seq2Seq>> members_;
};

}  // namespace weft::models
