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

/// Whether `fused` rounds once: only where that is as fast as a product.
#if defined(__FP_FAST_FMAF)
inline constexpr bool kFused = true;
#else
inline constexpr bool kFused = false;
#endif

#include "autograd/kernels/math.inc"

}  // namespace weft::kernels
