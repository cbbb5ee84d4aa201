#include "autograd/shape.hpp"

#include <algorithm>

#include "autograd/error.hpp"

namespace weft {

std::int64_t numel(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 0) {
      fail("shape: negative size; got {}", shape);
    }
    if (__builtin_mul_overflow(count, size, &count)) {
      fail("shape: number of elements overflows; got {}", shape);
    }
  }
  return count;
}

Shape broadcast_shapes(std::string_view where, const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < result.size(); ++i) {  // counted from the right
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) {
      fail("{}: shapes do not broadcast; got {} and {}", where, a, b);
    }
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

bool broadcasts_to(const Shape& from, const Shape& to) {
  if (from.size() > to.size()) {
    return false;
  }
  const auto tail = to.end() - static_cast<std::ptrdiff_t>(from.size());
  return std::equal(from.begin(), from.end(), tail,
                    [](std::int64_t x, std::int64_t y) { return x == y || x == 1; });
}

std::int64_t wrap_dim(std::string_view where, std::int64_t dim, std::int64_t rank) {
  if (dim < -rank || dim >= rank) {
    fail("{}: dimension out of range; got {}; expected [{}, {})", where, dim, -rank, rank);
  }
  return dim < 0 ? dim + rank : dim;
}

}  // namespace weft
