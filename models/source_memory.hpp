#pragma once

#include <vector>

#include "autograd/tensor.hpp"

namespace weft::models {

/// The encoded sources of a session: tensors [S, B, ...] with one column per sentence, shared by
/// all rows (hypotheses) of that sentence; and the sentence of each row.
class SourceMemory {
 public:
  /// Takes the parts for B sentences; undefined parts stay undefined. When joined with longer
  /// sources, parts are padded with 0 (boolean ones with true).
  SourceMemory(std::vector<Tensor> parts, std::int64_t B);

  /// Part i.
  const Tensor& operator[](std::size_t i) const { return parts_[i]; }
  /// The sentence (0 to B - 1) of each row, int64 [N]; undefined while row n belongs to sentence n.
  const Tensor& rows() const { return rows_; }

  /// Replaces the rows: new row i belongs to the sentence of old row rows[i].
  void select(const Tensor& rows);
  /// Appends the sentences and rows of another memory of the same model. Sentences without rows are
  /// dropped from both.
  void join(SourceMemory& other);

 private:
  void drop_unused();

  std::vector<Tensor> parts_;
  std::int64_t B_;
  Tensor rows_;
};

}  // namespace weft::models
