#include "autograd/tensor.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "autograd/engine.hpp"
#include "autograd/tape.hpp"
#include "autograd/tensor_body.hpp"

namespace weft {

using detail::TensorBody;

namespace {

constexpr std::size_t kLargestBuffer = std::numeric_limits<std::ptrdiff_t>::max();

const TensorBody& defined_body(const Tensor& tensor) {
  if (!tensor.defined()) {
    fail("tensor: undefined; expected a tensor with elements; hint: default-constructed?");
  }
  return detail::body(tensor);
}

/// For functions that are not ops: a gradient that should flow through must not be lost silently.
void check_no_gradient(std::string_view where, const Tensor& source) {
  if (grad_enabled() && source.requires_grad()) {
    fail("{}: not differentiable, and the tensor requires a gradient; hint: detach() it", where);
  }
}

}  // namespace

namespace detail {

Tensor view(const Tensor& x, std::int64_t start, const Shape& shape) {
  const TensorBody& source = defined_body(x);
  auto result = std::make_shared<TensorBody>();
  result->storage = source.storage;
  result->offset = source.offset + start;
  result->shape = shape;
  result->numel = numel(shape);
  result->dtype = source.dtype;
  return TensorBody::handle(std::move(result));
}

}  // namespace detail

const Shape& Tensor::shape() const { return defined_body(*this).shape; }

std::int64_t Tensor::size(std::int64_t dim) const {
  return shape()[static_cast<std::size_t>(wrap_dim("size", dim, this->dim()))];
}

std::int64_t Tensor::numel() const { return defined_body(*this).numel; }

DType Tensor::dtype() const { return defined_body(*this).dtype; }

std::byte* Tensor::address(DType expected) const {
  const TensorBody& body = defined_body(*this);
  if (body.dtype != expected) {
    fail("data: wrong element type; got {}; expected {}", name(expected), name(body.dtype));
  }
  return body.storage->data() + static_cast<std::size_t>(body.offset) * size_of(body.dtype);
}

template <Element T>
std::span<const T> Tensor::data() const {
  return {reinterpret_cast<const T*>(address(dtype_of<T>())), static_cast<std::size_t>(numel())};
}

template <Element T>
std::span<T> Tensor::mutable_data() {
  T* const first = reinterpret_cast<T*>(address(dtype_of<T>()));
  if (body_->grad_fn && grad_enabled()) {
    fail(
        "mutable_data: an op made this tensor, whose gradient would be wrong afterwards; "
        "hint: detach() or clone() it first");
  }
  body_->storage->bump_version();
  return {first, static_cast<std::size_t>(numel())};
}

template <Element T>
std::vector<T> Tensor::to_vector() const requires(!std::same_as<T, bool>) {
  const std::span<const T> elements = data<T>();
  return {elements.begin(), elements.end()};
}

double Tensor::item() const {
  if (numel() != 1) {
    fail("item: not a single element; got shape {}; expected one element", shape());
  }
  double value = 0;
  dispatch_all("item", dtype(), [&]<class T>() { value = static_cast<double>(data<T>()[0]); });
  return value;
}

bool Tensor::requires_grad() const { return defined() && (body_->requires_grad || body_->grad_fn); }

Tensor& Tensor::set_requires_grad(bool on) {
  if (on && !is_floating(dtype())) {
    fail("set_requires_grad: only floating tensors have gradients; got {}", name(dtype()));
  }
  if (!is_leaf()) {
    fail("set_requires_grad: not a leaf, an op made this tensor; hint: use detach() first");
  }
  body_->requires_grad = on;
  return *this;
}

bool Tensor::is_leaf() const { return defined_body(*this).grad_fn == nullptr; }

Tensor Tensor::grad() const {
  const Gradient& gradient = defined_body(*this).grad;
  if (!is_leaf() && !gradient.defined() && !retains_grad()) {
    fail(
        "grad: an op made this tensor, so it is no leaf and keeps no gradient; hint: change a leaf "
        "in place under NoGradGuard, w.copy_(w - step), or call retain_grad() before backward");
  }
  return gradient.dense();
}

const Gradient& Tensor::gradient() const { return defined_body(*this).grad; }

void Tensor::set_gradient(Gradient gradient) {
  defined_body(*this);
  if (gradient.defined() && (gradient.shape() != shape() || gradient.dtype() != dtype())) {
    fail("set_gradient: does not fit; got {} {}; expected {} {}", gradient.shape(),
         name(gradient.dtype()), shape(), name(dtype()));
  }
  body_->grad = gradient.is_product() ? Gradient(gradient.dense()) : std::move(gradient);
}

void Tensor::zero_grad() { set_gradient({}); }

void Tensor::backward(const Tensor& gradient, bool retain_graph, bool create_graph) const {
  if (!gradient.defined() && numel() != 1) {
    fail("backward: not a scalar and no gradient given; got shape {}", shape());
  }
  weft::backward({*this}, {gradient.defined() ? gradient : full(shape(), 1, dtype())},
                 {.retain_graph = retain_graph, .create_graph = create_graph});
}

Tensor Tensor::detach() const { return detail::view(*this, 0, shape()); }

Tensor Tensor::to(DType dtype) const {
  check_no_gradient("to", *this);
  Tensor result = empty(shape(), dtype);
  dispatch_all("to", this->dtype(), [&]<class From>() {
    dispatch_all("to", dtype, [&]<class To>() {
      std::ranges::transform(data<From>(), result.mutable_data<To>().begin(),
                             [](From value) { return static_cast<To>(value); });
    });
  });
  return result;
}

void Tensor::set_data(const Tensor& other) {
  if (!is_leaf()) {
    fail("set_data: not a leaf, an op made this tensor");
  }
  if (body_->requires_grad && !is_floating(other.dtype())) {
    fail("set_data: only floating tensors have gradients; got {}", name(other.dtype()));
  }
  const TensorBody& source = defined_body(other);
  body_->storage = source.storage;
  body_->offset = source.offset;
  body_->shape = source.shape;
  body_->numel = source.numel;
  body_->dtype = source.dtype;
  body_->grad = {};
}

void Tensor::copy_(const Tensor& other) {
  check_no_gradient("copy_", other);
  if (other.shape() != shape() || other.dtype() != dtype()) {
    fail("copy_: does not fit; got {} {}; expected {} {}", other.shape(), name(other.dtype()),
         shape(), name(dtype()));
  }
  dispatch_all("copy_", dtype(),
               [&]<class T>() { std::ranges::copy(other.data<T>(), mutable_data<T>().begin()); });
}

std::uint64_t Tensor::version() const { return defined_body(*this).storage->version(); }

Tensor empty(const Shape& shape, DType dtype) {
  auto body = std::make_shared<TensorBody>();
  body->shape = shape;
  body->numel = numel(shape);
  body->dtype = dtype;
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(body->numel, size_of(dtype), &bytes) || bytes > kLargestBuffer) {
    fail("empty: too many elements; got shape {}", shape);
  }
  body->storage = std::make_shared<Storage>(bytes);
  return TensorBody::handle(std::move(body));
}

Tensor full(const Shape& shape, double value, DType dtype) {
  if (dtype == DType::int64 && !(std::abs(value) < 0x1p63 && value == std::trunc(value))) {
    fail("full: value is no whole number; got {}; expected one for int64", value);
  }
  Tensor result = empty(shape, dtype);
  dispatch_all("full", dtype, [&]<class T>() {
    std::ranges::fill(result.mutable_data<T>(), static_cast<T>(value));
  });
  return result;
}

Tensor zeros(const Shape& shape, DType dtype) { return full(shape, 0, dtype); }

Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }

Tensor zeros_like(const Tensor& other) { return zeros(other.shape(), other.dtype()); }

Tensor scalar(double value, DType dtype) { return full({}, value, dtype); }

Tensor arange(std::int64_t n) {
  Tensor result = empty({n}, DType::int64);
  std::int64_t next = 0;
  std::ranges::generate(result.mutable_data<std::int64_t>(), [&] { return next++; });
  return result;
}

template <Element T>
Tensor tensor(std::span<const T> values, const Shape& shape) {
  Tensor result = empty(shape, dtype_of<T>());
  if (static_cast<std::int64_t>(values.size()) != result.numel()) {
    fail("tensor: number of values does not fit the shape; got {} values; expected {} for {}",
         values.size(), result.numel(), shape);
  }
  std::ranges::copy(values, result.mutable_data<T>().begin());
  return result;
}

Tensor bool_tensor(const std::vector<bool>& values, const Shape& shape) {
  const auto copy = std::make_unique<bool[]>(values.size());
  std::ranges::copy(values, copy.get());
  return tensor(std::span<const bool>(copy.get(), values.size()), shape);
}

bool identical(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) {
    return false;
  }
  bool same = true;
  dispatch_all("identical", a.dtype(), [&]<class T>() {
    const std::span<const T> x = a.data<T>();
    same = x.empty() || std::memcmp(x.data(), b.data<T>().data(), x.size_bytes()) == 0;
  });
  return same;
}

template std::span<const float> Tensor::data<float>() const;
template std::span<const double> Tensor::data<double>() const;
template std::span<const std::int64_t> Tensor::data<std::int64_t>() const;
template std::span<const bool> Tensor::data<bool>() const;
template std::span<float> Tensor::mutable_data<float>();
template std::span<double> Tensor::mutable_data<double>();
template std::span<std::int64_t> Tensor::mutable_data<std::int64_t>();
template std::span<bool> Tensor::mutable_data<bool>();
template Tensor tensor<float>(std::span<const float>, const Shape&);
template Tensor tensor<double>(std::span<const double>, const Shape&);
template Tensor tensor<std::int64_t>(std::span<const std::int64_t>, const Shape&);
template Tensor tensor<bool>(std::span<const bool>, const Shape&);

template std::vector<float> Tensor::to_vector<float>() const;
template std::vector<double> Tensor::to_vector<double>() const;
template std::vector<std::int64_t> Tensor::to_vector<std::int64_t>() const;

}  // namespace weft
