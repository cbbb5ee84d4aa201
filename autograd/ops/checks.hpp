#pragma once

#include <string_view>

#include "autograd/tensor.hpp"

/// What ops ask of their arguments, with one wording for all.
namespace weft::ops {

inline void check_same_dtype(std::string_view where, const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype()) {
    fail("{}: dtypes differ; got {} and {}; hint: convert one with to()", where, name(a.dtype()),
         name(b.dtype()));
  }
}

inline void check_dtype(std::string_view where, std::string_view what, const Tensor& x,
                        DType expected) {
  if (x.dtype() != expected) {
    fail("{}: wrong dtype of {}; got {}; expected {}", where, what, name(x.dtype()),
         name(expected));
  }
}

inline void check_shape(std::string_view where, std::string_view what, const Tensor& x,
                        const Shape& expected) {
  if (x.shape() != expected) {
    fail("{}: wrong shape of {}; got {}; expected {}", where, what, x.shape(), expected);
  }
}

inline void check_rank(std::string_view where, std::string_view what, const Tensor& x,
                       std::int64_t rank) {
  if (x.dim() != rank) {
    fail("{}: wrong rank of {}; got shape {}; expected {} dimensions", where, what, x.shape(),
         rank);
  }
}

/// Throws Error at the first id outside [0, n).
void check_ids(std::string_view where, const Tensor& ids, std::int64_t n);

/// A tensor around `dim`: its elements are [outer, size, inner].
struct Split {
  std::int64_t outer = 1;
  std::int64_t size = 1;
  std::int64_t inner = 1;
};
Split split_at(const Shape& shape, std::int64_t dim);

}  // namespace weft::ops
