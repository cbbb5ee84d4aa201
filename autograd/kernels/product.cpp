#include "autograd/kernels/product.hpp"

#include <algorithm>

#include "autograd/kernels/gemm.hpp"

namespace weft {
namespace {

/// x as a matrix or a batch of matrices, for use as a factor or a result; `data` are its elements.
template <class T>
MatrixView<T> view(const Tensor& x, Transpose transpose, T* data) {
  const std::int64_t rows = x.size(-2);
  const std::int64_t cols = x.size(-1);
  const bool swap = transpose == Transpose::yes;
  return {data, swap ? cols : rows, swap ? rows : cols, std::max<std::int64_t>(cols, 1),
          swap, rows * cols};
}

}  // namespace

Tensor product(const Tensor& a, Transpose ta, const Tensor& b, Transpose tb) {
  Shape shape = a.shape();
  shape[shape.size() - 2] = a.size(ta == Transpose::yes ? -1 : -2);
  shape[shape.size() - 1] = b.size(tb == Transpose::yes ? -2 : -1);
  Tensor c = empty(shape, a.dtype());
  product_into(c, a, ta, b, tb);
  return c;
}

void product_into(Tensor& c, const Tensor& a, Transpose ta, const Tensor& b, Transpose tb,
                  bool accumulate) {
  dispatch_floating("matmul", a.dtype(), [&]<class T>() {
    gemm<T>(view(a, ta, a.data<T>().data()), view(b, tb, b.data<T>().data()),
            view(c, Transpose::no, c.mutable_data<T>().data()), accumulate,
            a.dim() == 3 ? a.size(0) : 1);
  });
}

}  // namespace weft
