#include "autograd/gradient.hpp"

#include <algorithm>
#include <numeric>

#include "autograd/kernels/product.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

namespace weft {

Gradient Gradient::rows(Tensor ids, Tensor values, std::int64_t num_rows) {
  ops::check_ids("Gradient::rows", ids, num_rows);
  if (ids.dim() != 1 || values.dim() != 2 || ids.size(0) != values.size(0)) {
    fail("Gradient::rows: shapes do not fit; got ids {} and values {}; expected [N] and [N, D]",
         ids.shape(), values.shape());
  }
  Gradient result;
  result.ids_ = std::move(ids);
  result.values_ = std::move(values);
  result.num_rows_ = num_rows;
  return result;
}

Gradient Gradient::product(Tensor left, Tensor right) {
  ops::check_same_dtype("Gradient::product", left, right);
  if (left.dim() != 2 || right.dim() != 2 || left.size(0) != right.size(0)) {
    fail("Gradient::product: shapes do not fit; got {} and {}; expected [N, O] and [N, I]",
         left.shape(), right.shape());
  }
  Gradient result;
  result.left_ = std::move(left);
  result.values_ = std::move(right);
  return result;
}

Shape Gradient::shape() const {
  if (is_product()) {
    return {left_.size(1), values_.size(1)};
  }
  return is_rows() ? Shape{num_rows_, values_.size(1)} : values_.shape();
}

Tensor Gradient::dense() const {
  if (is_product()) {
    return grad_enabled() ? matmul(transpose(left_, 0, 1), values_)
                          : weft::product(left_, Transpose::yes, values_, Transpose::no);  // [O, I]
  }
  return is_rows() ? index_add(ids_, values_, num_rows_) : values_;
}

Gradient Gradient::coalesced() const {
  if (!is_rows()) {
    return *this;
  }
  const std::span<const std::int64_t> ids = ids_.data<std::int64_t>();
  std::vector<std::int64_t> unique(ids.begin(), ids.end());
  std::ranges::sort(unique);
  unique.erase(std::unique(unique.begin(), unique.end()), unique.end());

  Tensor slots = empty(ids_.shape(), DType::int64);
  std::ranges::transform(ids, slots.mutable_data<std::int64_t>().begin(), [&](std::int64_t id) {
    return std::ranges::lower_bound(unique, id) - unique.begin();
  });
  const auto count = static_cast<std::int64_t>(unique.size());
  return rows(tensor(unique, {count}), index_add(slots, values_, count), num_rows_);
}

}  // namespace weft
