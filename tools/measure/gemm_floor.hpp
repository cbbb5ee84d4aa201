#pragma once

#include <string>
#include <vector>

#include "autograd/kernels/gemm.hpp"

namespace weft::tools {

/// Matrix products of float32 without the program around them, on operands of its own: what a
/// computation that needs them cannot be faster than.
class GemmFloor {
 public:
  /// Makes operands that are large enough for the largest of the products.
  explicit GemmFloor(std::vector<GemmShape> shapes);

  /// Computes every product, in their order. Returns the time, in milliseconds.
  double run();

  /// How many there are.
  std::size_t size() const { return shapes_.size(); }
  /// Floating-point operations of them all: 2 m n k each.
  double flop() const;

 private:
  std::vector<GemmShape> shapes_;
  std::vector<float> a_;
  std::vector<float> b_;
  std::vector<float> c_;
};

/// Floating-point operations of one product: 2 m n k, for each of its batch.
double flop(const GemmShape& shape);

/// "[64, 512] @ [512, 1536]", with "^T" behind an operand that is stored the other way round.
std::string to_string(const GemmShape& shape);

}  // namespace weft::tools
