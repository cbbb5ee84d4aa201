#pragma once

#include "autograd/tensor.hpp"

namespace weft {

/// What a backward function returns for one input: nothing (zero), a dense tensor, or rows of a
/// table. Rows keep an embedding's gradient as small as its batch: `ids` [N] name rows of a table
/// [num_rows, D] and `values` [N, D] is added to them; an id may occur more than once.
class Gradient {
 public:
  Gradient() = default;
  Gradient(Tensor dense) : values_(std::move(dense)) {}  // NOLINT(google-explicit-constructor)
  /// Throws Error if shapes do not fit or an id is not in [0, num_rows).
  static Gradient rows(Tensor ids, Tensor values, std::int64_t num_rows);

  bool defined() const { return values_.defined(); }
  bool is_rows() const { return ids_.defined(); }
  /// Shape of the input it belongs to.
  Shape shape() const;
  DType dtype() const { return values_.dtype(); }

  const Tensor& ids() const { return ids_; }
  /// The row values, or the dense tensor itself.
  const Tensor& values() const { return values_; }
  /// The gradient as one tensor of `shape()`; undefined if it is zero.
  Tensor dense() const;
  /// The same rows with each id once, in rising order; a dense gradient unchanged.
  Gradient coalesced() const;

 private:
  Tensor ids_;
  Tensor values_;
  std::int64_t num_rows_ = 0;
};

using Gradients = std::vector<Gradient>;

}  // namespace weft
