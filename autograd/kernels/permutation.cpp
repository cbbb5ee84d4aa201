#include "autograd/kernels/permutation.hpp"

#include <utility>

namespace weft::kernels {

Permutation::Permutation(const Shape& shape, std::span<const std::int64_t> dims) {
  if (numel(shape) == 0) {
    return;
  }
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * shape[i];
  }
  std::vector<Dim> all;  // of y, innermost first
  std::int64_t to = 1;
  for (std::size_t i = dims.size(); i-- > 0;) {
    const auto dim = static_cast<std::size_t>(dims[i]);
    const std::int64_t size = shape[dim];
    if (!all.empty() && strides[dim] == all.back().from * all.back().size) {
      all.back().size *= size;
    } else if (size > 1) {
      all.push_back({size, strides[dim], to});
    }
    to *= size;
  }
  jobs_ = 1;
  if (all.empty()) {
    return;
  }
  inner_ = all.front();
  all.erase(all.begin());
  // Read in the order of memory.
  std::ranges::sort(all, {}, &Dim::from);
  if (!all.empty()) {
    across_ = all.front();
    all.erase(all.begin());
  }
  outer_ = std::move(all);
  strips_ = inner_.from == 1 ? 1 : (across_.size + kStrip - 1) / kStrip;
  jobs_ = strips_;
  for (const Dim& dim : outer_) {
    jobs_ *= dim.size;
  }
}

}  // namespace weft::kernels
