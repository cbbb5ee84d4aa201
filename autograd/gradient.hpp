#pragma once

#include "autograd/tensor.hpp"

namespace weft {

/// What a backward function returns for one input: nothing (zero), a dense tensor, rows of a table,
/// or a product that nobody has multiplied yet. Rows keep an embedding's gradient as small as its
/// batch: `ids` [N] name rows of a table [num_rows, D] and `values` [N, D] is added to them; an id
/// may occur more than once. Products of a weight that many steps share become one large product:
/// the engine collects them, and hooks and leaves never see one.
class Gradient {
 public:
  Gradient() = default;
  /// A dense gradient; zero if `dense` is undefined.
  Gradient(Tensor dense) : values_(std::move(dense)) {}  // NOLINT(google-explicit-constructor)
  /// Throws Error if shapes do not fit or an id is not in [0, num_rows).
  static Gradient rows(Tensor ids, Tensor values, std::int64_t num_rows);

  /// left^T right of left [N, O] and right [N, I]: the gradient [O, I] of a weight. Throws Error if
  /// shapes or dtypes do not fit.
  static Gradient product(Tensor left, Tensor right);

  /// False for the gradient that is zero.
  bool defined() const { return values_.defined(); }
  /// Whether it is held as rows.
  bool is_rows() const { return ids_.defined(); }
  /// Whether it is held as a product.
  bool is_product() const { return left_.defined(); }
  /// Shape of the input it belongs to.
  Shape shape() const;
  /// Dtype of the values; Error for the gradient that is zero.
  DType dtype() const { return values_.dtype(); }

  /// The rows' ids [N] (int64); undefined for a dense gradient.
  const Tensor& ids() const { return ids_; }
  /// The left factor [N, O] of a product; undefined for other gradients.
  const Tensor& left() const { return left_; }
  /// The row values, the right factor [N, I] of a product, or the dense tensor itself.
  const Tensor& values() const { return values_; }
  /// The gradient as one tensor of `shape()`; undefined if it is zero.
  Tensor dense() const;
  /// The same rows with each id once, in rising order; another gradient unchanged.
  Gradient coalesced() const;

 private:
  Tensor ids_;
  Tensor left_;
  Tensor values_;
  std::int64_t num_rows_ = 0;
};

/// One gradient for each input of an op, in their order.
using Gradients = std::vector<Gradient>;

}  // namespace weft
