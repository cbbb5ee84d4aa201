#include "autograd/kernels/ordered_gemm.hpp"

#include <cmath>
#include <vector>

#include "autograd/kernels/vector.hpp"
#include "autograd/ops.hpp"
#include "autograd/products.hpp"
#include "autograd/random.hpp"
#include "autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft::kernels {
namespace {

Tensor normal(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  return randn(shape, generator);
}

/// An operand of m x n elements, held as it is or transposed.
MatrixView<const float> view(const Tensor& x, std::int64_t m, std::int64_t n, bool transposed) {
  return {x.data<float>().data(), m, n, transposed ? m : n, transposed, m * n};
}

float at(const MatrixView<const float>& x, std::int64_t row, std::int64_t col) {
  return x.data[x.transposed ? col * x.ld + row : row * x.ld + col];
}

TEST_CASE("every element is the fused sum in the order of k, whatever the layout") {
  const std::int64_t k = GENERATE(1, 255, 600);
  const bool ta = GENERATE(false, true);
  const bool tb = GENERATE(false, true);
  const bool accumulate = GENERATE(false, true);
  const std::int64_t m = 29;
  const std::int64_t n = 135;
  CAPTURE(k, ta, tb, accumulate);
  const Tensor x = normal({m, k}, 1);
  const Tensor y = normal({k, n}, 2);
  const Tensor before = normal({m, n}, 3);
  Tensor got = before.clone();
  const MatrixView<const float> a = view(x, m, k, ta);
  const MatrixView<const float> b = view(y, k, n, tb);
  ordered_gemm<float>(a, b, {got.mutable_data<float>().data(), m, n, n}, accumulate, 1);
  std::size_t different = 0;
  for (std::int64_t i = 0; i < m * n; ++i) {
    float sum = accumulate ? before.data<float>()[static_cast<std::size_t>(i)] : 0;
    for (std::int64_t j = 0; j < k; ++j) {
      sum = std::fma(at(a, i / n, j), at(b, j, i % n), sum);
    }
    const float found = got.data<float>()[static_cast<std::size_t>(i)];
    // The baseline rounds products by themselves.
    different += std::abs(found - sum) > 1e-4F ? 1U : 0U;
    different += found != sum && best_isa() != Isa::baseline ? 1U : 0U;
  }
  CHECK(different == 0);
}

TEST_CASE("in weft's own products a row has the same bits alone and among others") {
  const ProductsGuard guard(Products::own);
  CHECK(products() == Products::own);
  const Tensor a = normal({3, 300, 70}, 1);
  const Tensor b = normal({3, 70, 50}, 2);
  const Tensor whole = matmul(a, b);
  const Tensor one = matmul(narrow(a, 1, 7, 1), b);
  CHECK(identical(narrow(whole, 1, 7, 1), one));
  const int before = num_threads();
  set_num_threads(3);
  CHECK(identical(matmul(a, b), whole));
  set_num_threads(before);
  {
    const ProductsGuard inner(Products::blas);
    CHECK(products() == Products::blas);
  }
  CHECK(products() == Products::own);
}

}  // namespace
}  // namespace weft::kernels
