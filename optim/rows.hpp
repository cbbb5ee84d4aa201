#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "autograd/gradient.hpp"
#include "autograd/kernels/parallel.hpp"

namespace weft::optim {

/// Calls f(begin, g) for every row of a parameter, on several threads: `begin` is the index of the
/// row's first element and g its gradient. Rows missing from a gradient of rows get zeros, so a
/// kernel written for rows does exactly the same arithmetic with both kinds of gradient. A tensor
/// with fewer than two dimensions is one row. `gradient` must be coalesced and the parameter not
/// empty.
template <class T, class F>
void for_each_row(const Tensor& parameter, const Gradient& gradient, F&& f) {
  const std::int64_t rows = parameter.dim() < 2 ? 1 : parameter.size(0);
  const std::int64_t width = parameter.numel() / rows;
  const auto size = static_cast<std::size_t>(width);
  const std::span<const T> values = gradient.values().data<T>();
  const auto row_of_values = [&](std::int64_t i) {
    return values.subspan(static_cast<std::size_t>(i) * size, size);
  };

  if (!gradient.is_rows()) {
    parallel_for(rows, parameter.numel(), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        f(row * width, row_of_values(row));
      }
    });
    return;
  }
  const std::span<const std::int64_t> ids = gradient.ids().data<std::int64_t>();
  const std::vector<T> zero(size);
  parallel_for(rows, parameter.numel(), [&](std::int64_t begin, std::int64_t end) {
    auto next = std::ranges::lower_bound(ids, begin);
    for (std::int64_t row = begin; row < end; ++row) {
      const bool given = next != ids.end() && *next == row;
      f(row * width, given ? row_of_values(next - ids.begin()) : std::span<const T>(zero));
      next += given ? 1 : 0;
    }
  });
}

}  // namespace weft::optim
