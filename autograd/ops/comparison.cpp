#include <algorithm>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/ops.hpp"

/// Functions without a gradient: their results are constants and never recorded.
namespace weft {

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
        out[static_cast<std::size_t>(row)] = std::max_element(first, first + n) - first;
      }
    });
  });
  return ids;
}

Tensor greater(const Tensor& x, double value) {
  Tensor y = empty(x.shape(), DType::boolean);
  dispatch_floating("greater", x.dtype(), [&]<class T>() {
    const T threshold = static_cast<T>(value);
    kernels::map(x.data<T>(), y.mutable_data<bool>(), [threshold](T v) { return v > threshold; });
  });
  return y;
}

}  // namespace weft
