#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

/// Elementary functions for scalar code; vector.hpp has them for arrays. In float they are weft's
/// own: errors of at most 2 ulp (exp, log, sin, cos), 3 ulp (log1p, erf) and 4 ulp (tanh, sigmoid),
/// subnormal results flushed to zero. In double they are the standard library's. NaN propagates.
/// sin and cos of a float are for |x| < kLargestAngle.
namespace weft::kernels {

/// Whether `fused` rounds once. Never in scalar code: it has the same bits on all processors, those
/// without such an instruction among them.
inline constexpr bool kFused = false;

#include "autograd/kernels/math.inc"

}  // namespace weft::kernels
