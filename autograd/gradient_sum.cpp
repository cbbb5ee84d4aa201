#include "autograd/gradient_sum.hpp"

#include <utility>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/product.hpp"
#include "autograd/ops.hpp"

namespace weft {
namespace {

/// Sums `gradient` over the dimensions along which an input of `shape` was broadcast.
Tensor sum_to(const Tensor& gradient, const Shape& shape) {
  const std::size_t extra = gradient.shape().size() - shape.size();
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < gradient.shape().size(); ++i) {
    if (i < extra || (shape[i - extra] == 1 && gradient.shape()[i] != 1)) {
      dims.push_back(static_cast<std::int64_t>(i));
    }
  }
  return dims.empty() ? gradient : reshape(sum(gradient, dims, true), shape);
}

/// Joins lists of rows into one; copies once, however many there are.
Gradient joined(std::vector<Gradient> parts) {
  if (parts.size() == 1) {
    return std::move(parts[0]);
  }
  std::vector<Tensor> ids;
  std::vector<Tensor> values;
  for (const Gradient& part : parts) {
    ids.push_back(part.ids());
    values.push_back(part.values());
  }
  return Gradient::rows(cat(ids, 0), cat(values, 0), parts[0].shape()[0]);
}

/// The factors of several products, stacked vertically.
Tensor joined(const std::vector<Gradient>& products, const Tensor& (Gradient::*factor)() const) {
  std::vector<Tensor> parts;
  parts.reserve(products.size());
  for (const Gradient& product : products) {
    parts.push_back((product.*factor)());
  }
  return parts.size() == 1 ? parts[0] : cat(parts, 0);
}

/// The tensor itself if nobody else holds its buffer, otherwise a copy (recorded if necessary).
Tensor owned(const Tensor& x) { return detail::sole_owner(x) ? x : x.clone(); }

/// The gradient in buffers that nobody else holds, because its owner may scale it in place.
Gradient owned(const Gradient& gradient) {
  return gradient.is_rows()
             ? Gradient::rows(owned(gradient.ids()), owned(gradient.values()), gradient.shape()[0])
             : owned(gradient.values());
}

/// Coalesces rows if there are more of them than the table has: many backward passes before a step
/// must not let them pile up.
Gradient bounded(const Gradient& gradient) {
  const bool piled_up = gradient.is_rows() && gradient.ids().numel() > gradient.shape()[0];
  return piled_up ? gradient.coalesced() : gradient;
}

}  // namespace

void GradientSum::add(Gradient gradient) {
  if (gradient.is_rows()) {
    rows_.push_back(std::move(gradient));
  } else if (gradient.is_product() && !grad_enabled()) {
    add_product(std::move(gradient));
  } else {
    add_dense(gradient.dense());
  }
}

void GradientSum::add_dense(const Tensor& other) {
  if (!dense_.defined()) {
    dense_ = other;
  } else if (ours_ && !grad_enabled()) {
    dispatch_floating("backward", dense_.dtype(), [&]<class T>() {
      kernels::add_into<T>(other.data<T>(), dense_.mutable_data<T>());
    });
  } else {
    dense_ = dense_ + other;
    ours_ = true;
  }
}

void GradientSum::add_product(Gradient product) {
  waiting_ += product.left().numel() + product.values().numel();
  const std::int64_t size = numel(product.shape());
  products_.push_back(std::move(product));
  if (waiting_ >= size) {
    multiply();
  }
}

void GradientSum::multiply() {
  if (products_.empty()) {
    return;
  }
  const Tensor left = joined(products_, &Gradient::left);     // [N, O]
  const Tensor right = joined(products_, &Gradient::values);  // [N, I]
  products_.clear();
  waiting_ = 0;
  if (dense_.defined() && ours_) {
    product_into(dense_, left, Transpose::yes, right, Transpose::no, true);
  } else {
    add_dense(product(left, Transpose::yes, right, Transpose::no));  // [O, I]
    ours_ = true;
  }
}

Gradient GradientSum::take() {
  multiply();
  ours_ = false;
  if (rows_.empty()) {
    return std::exchange(dense_, {});
  }
  Gradient rows = joined(std::exchange(rows_, {}));
  if (!dense_.defined()) {
    return rows;
  }
  add(rows.dense());
  return std::exchange(dense_, {});
}

Gradient fitted(const Node& node, std::size_t input, Gradient gradient) {
  const auto& [shape, dtype, defined] = node.inputs[input];
  if (gradient.dtype() != dtype) {
    fail("{} backward: gradient of input {} has the wrong dtype; got {}; expected {}",
         node.op->name(), input, name(gradient.dtype()), name(dtype));
  }
  const Shape got = gradient.shape();
  if (got == shape) {
    return gradient;
  }
  if (!broadcasts_to(shape, got)) {
    fail("{} backward: gradient of input {} has the wrong shape; got {}; expected {}",
         node.op->name(), input, got, shape);
  }
  return sum_to(gradient.dense(), shape);
}

void accumulate(detail::TensorBody& body, Gradient gradient) {
  if (gradient.shape() != body.shape || gradient.dtype() != body.dtype) {
    fail(
        "backward: a leaf was given other data after it was used; got a gradient {} {}; "
        "expected {} {}",
        gradient.shape(), name(gradient.dtype()), body.shape, name(body.dtype));
  }
  if (!body.grad.defined()) {
    body.grad = owned(gradient);
    return;
  }
  GradientSum sum;
  sum.add(body.grad);
  sum.add(std::move(gradient));
  body.grad = bounded(sum.take());
}

}  // namespace weft
