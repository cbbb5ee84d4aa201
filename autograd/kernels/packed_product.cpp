#include <algorithm>
#include <mutex>

#include "autograd/error.hpp"
#include "autograd/kernels/gemm.hpp"
#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/product.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/products.hpp"
#include "autograd/tensor_body.hpp"

namespace weft {

/// op(w) of one matrix, in panels (kernels/vector.inc).
struct PackedWeight {
  const float* begin;    ///< position of w in its storage
  std::int64_t outputs;  ///< M, columns of op(w)
  std::int64_t n;        ///< K, its rows
  Tensor panels;         ///< [M rounded up to whole panels, K]
};

namespace {

constexpr std::int64_t kReadingRows = 8;  // up to this number of rows, reading w takes longer
constexpr std::int64_t kManyRows = 256;   // from this number on, packing again costs little

using Kernels = kernels::VectorKernels<float>;

PackedWeight pack(const Kernels& kernels, const Tensor& w, Transpose tw) {
  const std::int64_t outputs = w.size(tw == Transpose::yes ? 0 : 1);
  const std::int64_t n = w.size(tw == Transpose::yes ? 1 : 0);
  const std::int64_t panels = (outputs + kernels.panel - 1) / kernels.panel;
  Tensor packed = empty({panels * kernels.panel, n}, w.dtype());
  const float* const from = w.data<float>().data();
  float* const to = packed.mutable_data<float>().data();
  // Rows of op(w)^T: w in its own layout, or with row and column strides swapped.
  const std::int64_t row = tw == Transpose::yes ? n : 1;
  const std::int64_t column = tw == Transpose::yes ? 1 : outputs;
  parallel_for(panels, outputs * n, [=, &kernels](std::int64_t begin, std::int64_t end) {
    const std::int64_t first = begin * kernels.panel;
    const std::int64_t count = std::min(end * kernels.panel, outputs) - first;
    kernels.pack(from + first * row, count, n, row, column, to + first * n);
  });
  return {from, outputs, n, std::move(packed)};
}

/// Returns the packed form of the weight, cached in its storage; packs it if necessary.
std::shared_ptr<const PackedWeight> packed(const Kernels& kernels, const Tensor& w, Transpose tw) {
  static std::mutex mutex;  // several threads may translate with the same model
  auto& kept = detail::body(w).storage->packed()[static_cast<std::size_t>(tw)];
  const float* const begin = w.data<float>().data();
  const std::int64_t outputs = w.size(tw == Transpose::yes ? 0 : 1);
  {
    const std::lock_guard lock(mutex);
    if (kept && kept->begin == begin && kept->outputs == outputs &&
        kept->outputs * kept->n == w.numel()) {
      return kept;
    }
  }
  auto fresh = std::make_shared<const PackedWeight>(pack(kernels, w, tw));
  const std::lock_guard lock(mutex);
  kept = fresh;
  return fresh;
}

}  // namespace

Tensor packed_product(const Tensor& x, const Tensor& w, Transpose tw, const Tensor& bias) {
  const bool turned = tw == Transpose::yes;
  if (x.dim() != 2 || w.dim() != 2 || x.size(1) != w.size(turned ? 1 : 0) ||
      (bias.defined() && bias.shape() != Shape{w.size(turned ? 0 : 1)})) {
    fail("packed_product: shapes do not fit; got x {}, w {}{}; expected [N, K] and K of w's",
         x.shape(), w.shape(), bias.defined() ? fmt::format(", bias {}", bias.shape()) : "");
  }
  const Kernels& kernels = kernels::vector_kernels<float>();
  const std::shared_ptr<const PackedWeight> weight = packed(kernels, w, tw);
  const std::int64_t rows = x.size(0);
  const std::int64_t outputs = weight->outputs;
  const std::int64_t n = weight->n;
  GemmLog::note({rows, outputs, n, false, tw == Transpose::yes, false, 1});
  Tensor y = empty({rows, outputs}, x.dtype());
  const float* const left = x.data<float>().data();
  const float* const right = weight->panels.data<float>().data();
  const float* const b = bias.defined() ? bias.data<float>().data() : nullptr;
  float* const out = y.mutable_data<float>().data();
  const std::int64_t share =
      kernels.panel * (rows <= kernels::kFewRows ? kernels::kPanelsOfFewRows : 1);
  parallel_for((outputs + share - 1) / share,
               std::max(rows, kReadingRows) * outputs * n / kProductsPerElement,
               [=, &kernels](std::int64_t begin, std::int64_t end) {
                 const std::int64_t first = begin * share;
                 const std::int64_t count = std::min(end * share, outputs) - first;
                 kernels.packed_products(left, n, rows, right + first * n,
                                         b == nullptr ? b : b + first, 0, count, n, out + first,
                                         outputs);
               });
  return y;
}

bool packing_pays(const Tensor& x) {
  static const bool wide = kernels::best_isa() != kernels::Isa::baseline;
  const bool pays = products() == Products::own || (wide && x.size(0) < kManyRows);
  return pays && x.dtype() == DType::float32;
}

}  // namespace weft
