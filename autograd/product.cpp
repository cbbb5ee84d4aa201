#include "autograd/product.hpp"

#include <algorithm>

#include "autograd/gemm.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/parallel.hpp"

namespace weft {
namespace {

constexpr std::int64_t kOutputBlock = 24;    // a multiple of every kernel's own
constexpr std::int64_t kWorkPerElement = 8;  // products that take as long as reading an element

/// x, or the batch of matrices that it is, as a factor or a result; `data` are its elements.
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

Tensor row_product(const Tensor& x, const Tensor& w) {
  const std::int64_t rows = x.size(0);
  const std::int64_t outputs = w.size(0);
  const std::int64_t n = x.size(1);
  Tensor y = empty({rows, outputs}, x.dtype());
  const float* const left = x.data<float>().data();
  const float* const right = w.data<float>().data();
  float* const out = y.mutable_data<float>().data();
  const auto products = kernels::vector_kernels<float>().row_products;
  const std::int64_t blocks = (outputs + kOutputBlock - 1) / kOutputBlock;
  parallel_for(blocks, rows * outputs * n / kWorkPerElement,
               [=](std::int64_t begin, std::int64_t end) {
                 const std::int64_t first = begin * kOutputBlock;
                 const std::int64_t last = std::min(end * kOutputBlock, outputs);
                 products(left, rows, right + first * n, last - first, n, out + first, outputs);
               });
  return y;
}

}  // namespace weft
