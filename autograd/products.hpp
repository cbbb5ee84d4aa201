#pragma once

#include <cstdint>

namespace weft {

/// Who computes matrix products. Those of float64 are BLAS's unless they are to be weft's own. The
/// fused ops for attention, convolutions and the output layer (linear_cross_entropy) always use
/// weft's kernels.
enum class Products : std::uint8_t {
  fastest,  ///< weft on a CPU with AVX2, but for results of few rows or columns; else BLAS
  own,      ///< weft: sums in the order of the summed index, the same bits on every CPU
  blas,     ///< BLAS, in an order that depends on the CPU
};

/// The choice for this thread. The other ops never depend on it.
Products products();

/// Makes this choice for a scope.
class ProductsGuard {
 public:
  /// Remembers the choice before; the destructor restores it.
  explicit ProductsGuard(Products products);
  ~ProductsGuard();
  ProductsGuard(const ProductsGuard&) = delete;
  ProductsGuard& operator=(const ProductsGuard&) = delete;

 private:
  Products outer_;
};

}  // namespace weft
