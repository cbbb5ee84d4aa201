#pragma once

#include <memory>

#include "autograd/gradient.hpp"
#include "autograd/tensor.hpp"

/// The object behind a Tensor handle. For the engine and the ops; users need only tensor.hpp.
namespace weft::detail {

struct TensorBody {
  std::shared_ptr<Storage> storage;
  std::int64_t offset = 0;  ///< index of the first element in the storage
  Shape shape;
  std::int64_t numel = 0;
  DType dtype = DType::float32;

  bool requires_grad = false;     ///< of a leaf
  Gradient grad;                  ///< accumulated by backward; for leaves and after retain_grad
  std::shared_ptr<Node> grad_fn;  ///< the node that made it; empty for a leaf
  std::size_t output_number = 0;  ///< which output of `grad_fn` it is
  std::weak_ptr<Node> leaf_node;  ///< for a leaf, its node in graphs
  HookList<GradientHook> hooks;   ///< of a leaf

  static const std::shared_ptr<TensorBody>& of(const Tensor& tensor) { return tensor.body_; }
  static Tensor handle(std::shared_ptr<TensorBody> body) { return Tensor(std::move(body)); }
};

inline TensorBody& body(const Tensor& tensor) { return *TensorBody::of(tensor); }

/// Whether no other handle or view shares x's elements.
inline bool sole_owner(const Tensor& x) {
  return TensorBody::of(x).use_count() == 1 && body(x).storage.use_count() == 1;
}

/// A view of x with `shape`, starting `start` elements after x's first; not recorded.
Tensor view(const Tensor& x, std::int64_t start, const Shape& shape);

}  // namespace weft::detail
