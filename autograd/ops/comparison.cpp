#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"

/// Functions without a gradient: their results are constants and are never recorded.
namespace weft {
namespace {

/// Applies `relation` elementwise with broadcasting, for any dtype.
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

constexpr std::int64_t kBlock = 256;  // elements whose largest is found by vectors

/// The k largest of n elements, NaN being the smallest, by insertion: only few elements ever exceed
/// the k-th largest so far, and most blocks have none.
template <class T>
void largest(const T* x, std::int64_t n, std::int64_t k, T* values, std::int64_t* ids) {
  const auto& kernels = kernels::vector_kernels<T>();
  std::int64_t count = 0;
  const auto less = [](T a, T b) { return a < b || (std::isnan(a) && !std::isnan(b)); };
  const auto insert = [&](std::int64_t i) {
    std::int64_t place = count < k ? count++ : k - 1;
    for (; place > 0 && less(values[place - 1], x[i]); --place) {
      values[place] = values[place - 1];
      ids[place] = ids[place - 1];
    }
    values[place] = x[i];
    ids[place] = i;
  };
  bool nan = false;
  for (std::int64_t first = 0; first < n; first += kBlock) {
    const std::int64_t end = std::min(first + kBlock, n);
    if (count == k && !less(values[k - 1], kernels.largest(x + first, end - first, nan))) {
      continue;
    }
    for (std::int64_t i = first; i < end; ++i) {
      if (count < k || less(values[k - 1], x[i])) {
        insert(i);
      }
    }
  }
}

/// The index of the largest of n elements; of the first NaN, if there is one.
template <class T>
std::int64_t index_of_largest(const T* x, std::int64_t n) {
  const auto& kernels = kernels::vector_kernels<T>();
  T most = -std::numeric_limits<T>::infinity();
  std::int64_t place = 0;  // of the first block that has it
  for (std::int64_t first = 0; first < n; first += kBlock) {
    const std::int64_t end = std::min(first + kBlock, n);
    bool nan = false;
    const T here = kernels.largest(x + first, end - first, nan);
    if (nan) {
      return std::find_if(x + first, x + end, [](T value) { return std::isnan(value); }) - x;
    }
    if (here > most) {
      most = here;
      place = first;
    }
  }
  return std::find(x + place, x + n, most) - x;
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
        out[static_cast<std::size_t>(row)] = index_of_largest(data + row * n, n);
      }
    });
  });
  return ids;
}

TopK topk(const Tensor& x, std::int64_t k) {
  if (x.dim() == 0 || k < 1 || k > x.size(-1)) {
    fail("topk: k out of range; got {} of shape {}; expected 1 to the last size", k, x.shape());
  }
  Shape shape = x.shape();
  shape.back() = k;
  TopK top{.values = empty(shape, x.dtype()), .ids = empty(shape, DType::int64)};
  const std::int64_t n = x.size(-1);
  dispatch_floating("topk", x.dtype(), [&]<class T>() {
    const T* const data = x.data<T>().data();
    T* const values = top.values.mutable_data<T>().data();
    std::int64_t* const ids = top.ids.mutable_data<std::int64_t>().data();
    parallel_for(x.numel() / n, x.numel(), [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        largest(data + row * n, n, k, values + row * k, ids + row * k);
      }
    });
  });
  return top;
}

Tensor eq(const Tensor& a, const Tensor& b) { return compare("eq", a, b, std::equal_to<>()); }
Tensor ne(const Tensor& a, const Tensor& b) { return compare("ne", a, b, std::not_equal_to<>()); }
Tensor lt(const Tensor& a, const Tensor& b) { return compare("lt", a, b, std::less<>()); }
Tensor le(const Tensor& a, const Tensor& b) { return compare("le", a, b, std::less_equal<>()); }
Tensor gt(const Tensor& a, const Tensor& b) { return compare("gt", a, b, std::greater<>()); }
Tensor ge(const Tensor& a, const Tensor& b) { return compare("ge", a, b, std::greater_equal<>()); }

}  // namespace weft
