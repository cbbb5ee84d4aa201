#pragma once

#include <string>
#include <vector>

#include "autograd/kernels/gemm.hpp"
#include "autograd/products.hpp"

namespace weft::tools {

/// Bare matrix products in float32, on operands of their own, by BLAS unless told otherwise: what a
/// computation that needs them is measured against.
class GemmFloor {
 public:
  /// Makes operands large enough for the largest product.
  explicit GemmFloor(std::vector<GemmShape> shapes);

  /// Computes all products in order. Returns the time in milliseconds.
  double run(Products products = Products::blas);

  /// The number of products.
  std::size_t size() const { return shapes_.size(); }
  /// Floating-point operations of all products: 2 m n k each.
  double flop() const;

 private:
  std::vector<GemmShape> shapes_;
  std::vector<float> a_;
  std::vector<float> b_;
  std::vector<float> c_;
};

/// Floating-point operations of one product: 2 m n k per element of its batch.
double flop(const GemmShape& shape);

/// "[64, 512] @ [512, 1536]", with "^T" after an operand that is stored transposed.
std::string to_string(const GemmShape& shape);

}  // namespace weft::tools
