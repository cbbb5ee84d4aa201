#include "autograd/ops/checks.hpp"

#include <cmath>

namespace weft::ops {

void check_ids(std::string_view where, const Tensor& ids, std::int64_t n) {
  check_dtype(where, "ids", ids, DType::int64);
  for (const std::int64_t id : ids.data<std::int64_t>()) {
    if (id < 0 || id >= n) {
      fail("{}: id out of range; got {}; expected [0, {})", where, id, n);
    }
  }
}

kernels::DropoutMask draw_dropout(std::string_view where, double p, Generator& generator) {
  if (!(p >= 0 && p < 1)) {
    fail("{}: probability out of range; got {}; expected [0, 1)", where, p);
  }
  if (p == 0) {
    return {};
  }
  const double threshold = std::min(std::ceil(std::ldexp(p, 32)), std::ldexp(1, 32) - 1);
  return {generator.seed(), generator.advance(), static_cast<std::uint32_t>(threshold)};
}

std::int64_t count_targets(std::string_view where, const Tensor& targets, std::int64_t rows,
                           std::int64_t classes, std::int64_t ignore_index) {
  check_dtype(where, "targets", targets, DType::int64);
  check_shape(where, "targets", targets, {rows});
  const std::span<const std::int64_t> target = targets.data<std::int64_t>();
  std::int64_t counted = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    counted += target[i] != ignore_index ? 1 : 0;
    if (target[i] != ignore_index && (target[i] < 0 || target[i] >= classes)) {
      fail("{}: target out of range; got {} in row {}; expected [0, {}) or {}", where, target[i], i,
           classes, ignore_index);
    }
  }
  return counted;
}

Split split_at(const Shape& shape, std::int64_t dim) {
  Split split;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto position = static_cast<std::int64_t>(i);
    (position < dim ? split.outer : position == dim ? split.size : split.inner) *= shape[i];
  }
  return split;
}

}  // namespace weft::ops
