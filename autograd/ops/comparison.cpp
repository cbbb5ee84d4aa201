#include <algorithm>
#include <cmath>
#include <functional>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"

/// Functions without a gradient: their results are constants and never recorded.
namespace weft {
namespace {

/// Whether `relation` holds, elementwise with broadcasting; of any dtype.
template <class Relation>
Tensor compare(std::string_view where, const Tensor& a, const Tensor& b, Relation relation) {
  ops::check_same_dtype(where, a, b);
  Tensor y = empty(broadcast_shapes(where, a.shape(), b.shape()), DType::boolean);
  dispatch_all(where, a.dtype(), [&]<class T>() {
    kernels::zip(a.data<T>().data(), a.shape(), b.data<T>().data(), b.shape(),
                 y.mutable_data<bool>().data(), y.shape(), relation);
  });
  return y;
}

}  // namespace

Tensor argmax(const Tensor& x) {
  if (x.dim() == 0 || x.size(-1) == 0) {
    fail("argmax: nothing to choose from; got shape {}", x.shape());
  }
  const std::int64_t n = x.size(-1);
  Tensor ids = empty({x.shape().begin(), x.shape().end() - 1}, DType::int64);
  dispatch_floating("argmax", x.dtype(), [&]<class T>() {
    const T* const data = x.data<T>().data();
    const std::span<std::int64_t> out = ids.mutable_data<std::int64_t>();
    const auto rows = static_cast<std::int64_t>(out.size());
    parallel_for(rows, rows * n, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const T* const first = data + row * n;
        const auto less = [](T a, T b) { return a < b || (std::isnan(b) && !std::isnan(a)); };
        out[static_cast<std::size_t>(row)] = std::max_element(first, first + n, less) - first;
      }
    });
  });
  return ids;
}

Tensor eq(const Tensor& a, const Tensor& b) { return compare("eq", a, b, std::equal_to<>()); }
Tensor ne(const Tensor& a, const Tensor& b) { return compare("ne", a, b, std::not_equal_to<>()); }
Tensor lt(const Tensor& a, const Tensor& b) { return compare("lt", a, b, std::less<>()); }
Tensor le(const Tensor& a, const Tensor& b) { return compare("le", a, b, std::less_equal<>()); }
Tensor gt(const Tensor& a, const Tensor& b) { return compare("gt", a, b, std::greater<>()); }
Tensor ge(const Tensor& a, const Tensor& b) { return compare("ge", a, b, std::greater_equal<>()); }

}  // namespace weft
