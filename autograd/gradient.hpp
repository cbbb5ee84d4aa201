#pragma once

#include "autograd/tensor.hpp"

namespace weft {

/// What a backward function returns for one input: nothing (zero), a dense tensor, rows of a table,
/// or a product that has not been multiplied out yet. Rows keep the gradient of an embedding as
/// small as its batch: `values` [N, D] are added to the rows `ids` [N] of a table [num_rows, D]; an
/// id may occur more than once. Products for a weight shared by many time steps become one large
/// product: the engine collects them, so hooks and leaves never see one.
class Gradient {
 public:
  Gradient() = default;
  /// A dense gradient; zero if `dense` is undefined.
  Gradient(Tensor dense) : values_(std::move(dense)) {}  // NOLINT(google-explicit-constructor)
  /// Throws Error if the shapes do not fit or an id is not in [0, num_rows).
  static Gradient rows(Tensor ids, Tensor values, std::int64_t num_rows);

  /// left^T right for left [N, O] and right [N, I]: the gradient [O, I] of a weight. Throws Error
  /// if the shapes or dtypes do not fit.
  static Gradient product(Tensor left, Tensor right);

  /// False if the gradient is zero.
  bool defined() const { return values_.defined(); }
  /// Whether it is stored as rows.
  bool is_rows() const { return ids_.defined(); }
  /// Whether it is stored as a product.
  bool is_product() const { return left_.defined(); }
  /// Shape of the input that this is the gradient of.
  Shape shape() const;
  /// Dtype of the values. Throws Error if the gradient is zero.
  DType dtype() const { return values_.dtype(); }

  /// The row ids [N] (int64); undefined for a dense gradient.
  const Tensor& ids() const { return ids_; }
  /// The left factor [N, O] of a product; undefined for other gradients.
  const Tensor& left() const { return left_; }
  /// The row values, the right factor [N, I] of a product, or the dense tensor itself.
  const Tensor& values() const { return values_; }
  /// The gradient as one tensor of `shape()`; undefined if it is zero.
  Tensor dense() const;
  /// The same rows with unique ids in ascending order; any other gradient is returned unchanged.
  Gradient coalesced() const;

 private:
  Tensor ids_;
  Tensor left_;
  Tensor values_;
  std::int64_t num_rows_ = 0;
};

/// One gradient for each input of an op, in order.
using Gradients = std::vector<Gradient>;

}  // namespace weft
