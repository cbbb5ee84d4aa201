#pragma once

#include <cstdint>

/// The steps that formulas (formula.hpp) are made of.
namespace weft::kernels {

/// What a primitive computes for each element of up to three operands a, b, c.
enum class Primitive : std::uint8_t {
  add,          ///< a + b
  sub,          ///< a - b
  mul,          ///< a b
  div,          ///< a / b
  fma,          ///< a b + c, rounded once where the instruction set can
  fnma,         ///< c - a b, likewise
  neg,          ///< -a
  abs,          ///< |a|
  sqrt,         ///< the square root
  maximum,      ///< the larger; NaN if either is
  minimum,      ///< the smaller; NaN if either is
  greater,      ///< 1 where a > b, else 0
  equal,        ///< 1 where a = b, else 0
  if_positive,  ///< b where a > 0, else c
  exp,          ///< e^a
  log,          ///< ln a
  log1p,        ///< ln(1 + a)
  pow,          ///< a^b
  tanh,         ///< tanh a
  sigmoid,      ///< 1 / (1 + e^-a)
  erf,          ///< the error function
  sin,          ///< sin a
  cos,          ///< cos a
};

/// The number of primitives.
inline constexpr std::size_t kPrimitives = static_cast<std::size_t>(Primitive::cos) + 1;

/// y[i] = f(a[i], b[i], c[i]) for i < n. Operands that the primitive does not have are ignored; y
/// may be one of the others.
template <class T>
using PrimitiveKernel = void (*)(const T* a, const T* b, const T* c, T* y, std::int64_t n);

}  // namespace weft::kernels
