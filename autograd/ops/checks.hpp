#pragma once

#include <string_view>

#include "autograd/kernels/vector.hpp"
#include "autograd/random.hpp"
#include "autograd/tensor.hpp"

/// Argument checks of the ops, with uniform messages.
namespace weft::ops {

/// Throws Error if the dtypes of two operands differ.
inline void check_same_dtype(std::string_view where, const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype()) {
    fail("{}: dtypes differ; got {} and {}; hint: convert one with to()", where, name(a.dtype()),
         name(b.dtype()));
  }
}

/// Throws Error unless x, called `what` in the message, has the expected dtype.
inline void check_dtype(std::string_view where, std::string_view what, const Tensor& x,
                        DType expected) {
  if (x.dtype() != expected) {
    fail("{}: wrong dtype of {}; got {}; expected {}", where, what, name(x.dtype()),
         name(expected));
  }
}

/// Throws Error unless x, called `what` in the message, has the expected shape.
inline void check_shape(std::string_view where, std::string_view what, const Tensor& x,
                        const Shape& expected) {
  if (x.shape() != expected) {
    fail("{}: wrong shape of {}; got {}; expected {}", where, what, x.shape(), expected);
  }
}

/// Throws Error unless x, called `what` in the message, has `rank` dimensions.
inline void check_rank(std::string_view where, std::string_view what, const Tensor& x,
                       std::int64_t rank) {
  if (x.dim() != rank) {
    fail("{}: wrong rank of {}; got shape {}; expected {} dimensions", where, what, x.shape(),
         rank);
  }
}

/// Throws Error for the first id outside [0, n).
void check_ids(std::string_view where, const Tensor& ids, std::int64_t n);

/// The mask of dropout with probability p, drawn from the generator; none, and no draw, if p is 0.
/// Throws Error unless p is in [0, 1).
kernels::DropoutMask draw_dropout(std::string_view where, double p, Generator& generator);

/// The number of class ids in `targets` [rows] other than `ignore_index`. Throws Error on another
/// shape or dtype, or for the first of these ids outside [0, classes).
std::int64_t count_targets(std::string_view where, const Tensor& targets, std::int64_t rows,
                           std::int64_t classes, std::int64_t ignore_index);

/// A shape seen as [outer, size, inner] around a dimension `dim`.
struct Split {
  std::int64_t outer = 1;  ///< product of the sizes before
  std::int64_t size = 1;   ///< of the dimension itself
  std::int64_t inner = 1;  ///< product of the sizes after
};
/// Splits the shape at dimension `dim`, which must be in [0, rank).
Split split_at(const Shape& shape, std::int64_t dim);

}  // namespace weft::ops
