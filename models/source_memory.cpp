#include "models/source_memory.hpp"

#include <algorithm>

#include "autograd/ops.hpp"

namespace weft::models {
namespace {

/// x [S, B, ...], padded at the end up to S = `length` with 0, or true for a mask.
Tensor padded(const Tensor& x, std::int64_t length) {
  if (x.size(0) == length) {
    return x;
  }
  Shape shape = x.shape();
  shape[0] = length - x.size(0);
  return cat({x, full(shape, x.dtype() == DType::boolean ? 1 : 0, x.dtype())}, 0);
}

/// Concatenates a [S, B, ...] and b [S', B', ...] along B: [max(S, S'), B + B', ...].
Tensor side_by_side(const Tensor& a, const Tensor& b) {
  if (!a.defined()) {
    return a;
  }
  const std::int64_t length = std::max(a.size(0), b.size(0));
  return cat({padded(a, length), padded(b, length)}, 1);
}

template <class F>
Tensor each(const Tensor& ids, F f) {
  Tensor changed = ids.clone();
  std::ranges::transform(changed.mutable_data<std::int64_t>(),
                         changed.mutable_data<std::int64_t>().begin(), f);
  return changed;
}

}  // namespace

SourceMemory::SourceMemory(std::vector<Tensor> parts, std::int64_t B)
    : parts_(std::move(parts)), B_(B) {}

void SourceMemory::select(const Tensor& rows) {
  rows_ = rows_.defined() ? index_select(rows_, 0, rows) : rows;
}

void SourceMemory::drop_unused() {
  if (!rows_.defined()) {
    rows_ = arange(B_);
    return;
  }
  std::vector<std::int64_t> used = rows_.to_vector<std::int64_t>();
  std::ranges::sort(used);
  used.erase(std::unique(used.begin(), used.end()), used.end());
  const Tensor sentences = tensor(used, {std::ssize(used)});
  for (Tensor& part : parts_) {
    part = part.defined() ? index_select(part, 1, sentences) : part;
  }
  B_ = std::ssize(used);
  rows_ = each(
      rows_, [&](std::int64_t row) { return std::ranges::lower_bound(used, row) - used.begin(); });
}

void SourceMemory::join(SourceMemory& other) {
  drop_unused();
  other.drop_unused();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    parts_[i] = side_by_side(parts_[i], other.parts_[i]);
  }
  rows_ = cat({rows_, each(other.rows_, [&](std::int64_t row) { return row + B_; })}, 0);
  B_ += other.B_;
}

}  // namespace weft::models
