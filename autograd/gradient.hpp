#pragma once

#include "autograd/tensor.hpp"

namespace weft {

/// What a backward function returns for one input: nothing (zero), a dense tensor, or rows of a
/// table. Rows keep an embedding's gradient as small as its batch: `ids` [N] name rows of a table
/// [num_rows, D] and `values` [N, D] is added to them; an id may occur more than once.
class Gradient {
 public:
  Gradient() = default;
  /// A dense gradient; zero if `dense` is undefined.
  Gradient(Tensor dense) : values_(std::move(dense)) {}  // NOLINT(google-explicit-constructor)
  /// Throws Error if shapes do not fit or an id is not in [0, num_rows).
  static Gradient rows(Tensor ids, Tensor values, std::int64_t num_rows);

  /// False for the gradient that is zero.
  bool defined() const { return values_.defined(); }
  /// Whether it is held as rows.
  bool is_rows() const { return ids_.defined(); }
  /// Shape of the input it belongs to.
  Shape shape() const;
  /// Dtype of the values; Error for the gradient that is zero.
  DType dtype() const { return values_.dtype(); }

  /// The rows' ids [N] (int64); undefined for a dense gradient.
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

/// One gradient for each input of an op, in their order.
using Gradients = std::vector<Gradient>;

}  // namespace weft
