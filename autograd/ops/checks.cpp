#include "autograd/ops/checks.hpp"

namespace weft::ops {

void check_ids(std::string_view where, const Tensor& ids, std::int64_t n) {
  check_dtype(where, "ids", ids, DType::int64);
  for (const std::int64_t id : ids.data<std::int64_t>()) {
    if (id < 0 || id >= n) {
      fail("{}: id out of range; got {}; expected [0, {})", where, id, n);
    }
  }
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
