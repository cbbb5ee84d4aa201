#pragma once

#include <vector>

#include "autograd/tensor.hpp"

namespace weft::models {

/// What a session remembers of its sources: tensors [S, B, ...] with a column for each sentence,
/// which stands here once, however many rows (hypotheses) read it; and the sentence of each row.
class SourceMemory {
 public:
  /// The parts of B sentences; an undefined one stays so. Beside longer sources a part is padded
  /// with 0, or true.
  SourceMemory(std::vector<Tensor> parts, std::int64_t B);

  /// Part i.
  const Tensor& operator[](std::size_t i) const { return parts_[i]; }
  /// The sentence (0 to B - 1) of each of N rows, int64 [N]; undefined while row n is of sentence
  /// n.
  const Tensor& rows() const { return rows_; }

  /// Row i is from now on of the sentence that row rows[i] was of.
  void select(const Tensor& rows);
  /// Takes in the sentences and rows of another memory of the same model, behind its own; both drop
  /// sentences that no row belongs to.
  void join(SourceMemory& other);

 private:
  void drop_unused();

  std::vector<Tensor> parts_;
  std::int64_t B_;
  Tensor rows_;
};

}  // namespace weft::models
