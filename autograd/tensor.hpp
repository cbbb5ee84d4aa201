#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "autograd/dtype.hpp"
#include "autograd/hooks.hpp"
#include "autograd/shape.hpp"
#include "autograd/storage.hpp"

namespace weft {

class Node;
class Tensor;

namespace detail {
struct TensorBody;
}

/// A handle to an n-dimensional array: contiguous, row-major, with a run-time dtype. Copies of a
/// handle share the array. An array may be part of a recorded computation (see tape.hpp).
class Tensor {
 public:
  /// The undefined tensor, which means "no bias" or "no gradient".
  Tensor() = default;

  /// False for the undefined tensor, on which no other function may be called.
  bool defined() const { return body_ != nullptr; }
  /// Sizes of all dimensions, outermost first.
  const Shape& shape() const;
  /// Number of dimensions.
  std::int64_t dim() const { return static_cast<std::int64_t>(shape().size()); }
  /// Size of dimension `dim`; a negative `dim` counts from the end.
  std::int64_t size(std::int64_t dim) const;
  /// Number of elements.
  std::int64_t numel() const;
  /// Type of the elements.
  DType dtype() const;

  /// The elements, read-only. Throws Error if T is not the dtype.
  template <Element T>
  std::span<const T> data() const;
  /// The elements for writing. Counts as an in-place modification: inputs that backward functions
  /// saved from this storage become invalid, and reading them throws. Throws Error for a recorded
  /// result while recording is on. The modification is counted now: write before the tensor is used
  /// again, and call this again for a later one.
  template <Element T>
  std::span<T> mutable_data();
  /// The elements copied to a vector (not for bool).
  template <Element T>
  std::vector<T> to_vector() const requires(!std::same_as<T, bool>);
  /// The only element, of any dtype, as a double. Throws Error unless there is exactly one.
  double item() const;

  /// Whether gradients flow to this tensor: it is a leaf that requires them or a recorded result.
  bool requires_grad() const;
  /// Makes a leaf require gradients. Throws Error for a non-floating dtype or a recorded result.
  Tensor& set_requires_grad(bool on = true);
  /// True if no recorded op made this tensor.
  bool is_leaf() const;
  /// The gradient accumulated by `backward`, dense; undefined if there is none. Leaves have one,
  /// and so do recorded results after `retain_grad`; throws Error for a result that keeps none.
  Tensor grad() const;
  /// The same gradient as stored: dense, or rows of an embedding table.
  const Gradient& gradient() const;
  /// Replaces the accumulated gradient.
  void set_gradient(Gradient gradient);
  /// Clears the accumulated gradient.
  void zero_grad();

  /// Accumulates d(this)/d(leaf) into every leaf's `grad`. `gradient` is the cotangent, with the
  /// shape of this tensor; it may be omitted for a scalar. The graph is freed unless
  /// `retain_graph`.
  void backward(const Tensor& gradient = {}, bool retain_graph = false,
                bool create_graph = false) const;

  /// `hook` is called with the gradient of this tensor, leaf or recorded result, in every backward
  /// pass that reaches it, once the gradient is complete, and may replace it. The hooks of a tensor
  /// are called in the order of registration, each with the result of the previous one; then
  /// `retain_grad`, `grad` and the accumulation into a leaf get the last result. A hook may be
  /// called with recording on (create_graph) and must not modify anything in place. A hook that
  /// captures its own tensor, or a result computed from it, keeps both alive until it is removed.
  /// Throws Error if the tensor does not require a gradient.
  HookHandle register_hook(GradientHook hook) const;
  /// Makes a recorded result accumulate its gradient like a leaf; does nothing for a leaf. Throws
  /// Error if the tensor does not require a gradient.
  const Tensor& retain_grad() const;
  /// Whether it is a recorded result that `retain_grad` was called for.
  bool retains_grad() const;

  /// The same elements outside the graph, sharing the storage.
  Tensor detach() const;
  /// A copy of the elements, recorded like any op.
  Tensor clone() const;
  /// A copy in another dtype. Not differentiable: throws Error while recording is on if a gradient
  /// would have to flow through it.
  Tensor to(DType dtype) const;
  /// Gives a leaf the elements, shape and dtype of `other`; all its handles see the change. Throws
  /// Error if the leaf requires gradients and the dtype is not floating.
  void set_data(const Tensor& other);
  /// Copies the elements of `other` (same shape and dtype) into this storage. Not differentiable,
  /// like `to`.
  void copy_(const Tensor& other);

  /// Version of the storage: incremented by each in-place modification.
  std::uint64_t version() const;
  /// True if both handles refer to the same array.
  bool is_same(const Tensor& other) const { return body_ == other.body_; }

 private:
  friend struct detail::TensorBody;
  explicit Tensor(std::shared_ptr<detail::TensorBody> body) : body_(std::move(body)) {}
  std::byte* address(DType expected) const;

  std::shared_ptr<detail::TensorBody> body_;
};

/// Uninitialized elements.
Tensor empty(const Shape& shape, DType dtype = DType::float32);
/// Every element is `value`. Throws Error for int64 if it is not an integer.
Tensor full(const Shape& shape, double value, DType dtype = DType::float32);
/// Every element is 0.
Tensor zeros(const Shape& shape, DType dtype = DType::float32);
/// Every element is 1.
Tensor ones(const Shape& shape, DType dtype = DType::float32);
/// Zeros with the shape and dtype of `other`.
Tensor zeros_like(const Tensor& other);
/// A zero-dimensional tensor.
Tensor scalar(double value, DType dtype = DType::float32);
/// 0, 1, ..., n - 1 as int64.
Tensor arange(std::int64_t n);
///@{
/// A tensor of the given elements, row-major. Throws Error if their number does not fit the shape.
template <Element T>
Tensor tensor(std::span<const T> values, const Shape& shape);
template <class T>
Tensor tensor(const std::vector<T>& values, const Shape& shape) {
  static_assert(Element<T>, "tensor: elements are float, double, std::int64_t or bool");
  return tensor(std::span<const T>(values), shape);
}
template <class T>
Tensor tensor(std::initializer_list<T> values, const Shape& shape) {
  static_assert(Element<T>, "tensor: which dtype? Say it: tensor<float>({1, 2}, {2})");
  return tensor(std::span<const T>(values.begin(), values.size()), shape);
}
///@}
/// A boolean tensor of the given elements.
Tensor bool_tensor(const std::vector<bool>& values, const Shape& shape);

/// Bitwise equality of dtype, shape and elements (so a NaN equals an identical NaN).
bool identical(const Tensor& a, const Tensor& b);

/// The tensor as text: `tensor([[1, 2], [3, 4]], float32)`; large ones are abbreviated.
std::string to_string(const Tensor& tensor);

}  // namespace weft

/// @cond
/// Formats tensors with `to_string`.
template <>
struct fmt::formatter<weft::Tensor> : fmt::formatter<std::string> {
  template <class Context>
  auto format(const weft::Tensor& tensor, Context& context) const {
    return fmt::formatter<std::string>::format(weft::to_string(tensor), context);
  }
};
/// @endcond
