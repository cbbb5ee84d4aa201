#include "autograd/kernels/vector.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "autograd/error.hpp"
#include "autograd/kernels/math.hpp"
#include "autograd/random.hpp"

// Instruction sets are selected by pragmas around the loops, not by per-file compiler flags: those
// would also apply to inline functions of other headers, and the linker might use these copies
// everywhere.
namespace weft::kernels {
namespace {

// Whether `fused` rounds once: where that is as fast as a product.
#if defined(__FP_FAST_FMAF)
constexpr bool kBaselineFused = true;
#else
constexpr bool kBaselineFused = false;
#endif

// NOLINTBEGIN(readability-duplicate-include): that is its purpose
namespace baseline_double {
constexpr std::size_t kVectorBytes = 16;
using Real = double;
constexpr bool kFused = kBaselineFused;
#include "autograd/kernels/math.inc"
#include "autograd/kernels/primitives.inc"
#include "autograd/kernels/products.inc"
#include "autograd/kernels/rows.inc"
#include "autograd/kernels/step_attention.inc"
#include "autograd/kernels/vector.inc"
}  // namespace baseline_double

namespace baseline {
constexpr std::size_t kVectorBytes = 16;
using Real = float;
constexpr bool kFused = kBaselineFused;
#include "autograd/kernels/math.inc"
#include "autograd/kernels/primitives.inc"
#include "autograd/kernels/products.inc"
#include "autograd/kernels/rows.inc"
#include "autograd/kernels/step_attention.inc"
#include "autograd/kernels/vector.inc"
}  // namespace baseline

#if defined(__x86_64__)
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
namespace avx2 {
constexpr std::size_t kVectorBytes = 32;
using Real = float;
constexpr bool kFused = true;
#include "autograd/kernels/math.inc"
#include "autograd/kernels/primitives.inc"
#include "autograd/kernels/products.inc"
#include "autograd/kernels/rows.inc"
#include "autograd/kernels/step_attention.inc"
#include "autograd/kernels/vector.inc"
}  // namespace avx2
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma"))), \
                             apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,fma,prefer-vector-width=512")
#endif
namespace avx512 {
constexpr std::size_t kVectorBytes = 64;
using Real = float;
constexpr bool kFused = true;
#include "autograd/kernels/math.inc"
#include "autograd/kernels/primitives.inc"
#include "autograd/kernels/products.inc"
#include "autograd/kernels/rows.inc"
#include "autograd/kernels/step_attention.inc"
#include "autograd/kernels/vector.inc"
}  // namespace avx512
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

// NOLINTEND(readability-duplicate-include)

constexpr std::array<Isa, 3> kIsas = {Isa::baseline, Isa::avx2, Isa::avx512};

bool supported([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  switch (isa) {
    case Isa::baseline:
      return true;
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
    case Isa::avx512:
      return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
             __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
             __builtin_cpu_supports("fma") != 0;
  }
#endif
  return isa == Isa::baseline;
}

/// The best instruction set that WEFT_ISA allows.
Isa limit() {
  const char* const wanted = std::getenv("WEFT_ISA");
  if (wanted == nullptr) {
    return kIsas.back();
  }
  for (const Isa isa : kIsas) {
    if (name(isa) == wanted) {
      return isa;
    }
  }
  fail("WEFT_ISA: unknown set of instructions; got '{}'; expected baseline, avx2 or avx512",
       wanted);
}

}  // namespace

std::string_view name(Isa isa) {
  constexpr std::array<std::string_view, 3> kNames = {"baseline", "avx2", "avx512"};
  return kNames.at(static_cast<std::size_t>(isa));
}

std::vector<Isa> supported_isas() {
  std::vector<Isa> found;
  for (const Isa isa : kIsas) {
    if (supported(isa)) {
      found.push_back(isa);
    }
  }
  return found;
}

Isa best_isa() {
  const Isa most = limit();
  Isa best = Isa::baseline;
  for (const Isa isa : supported_isas()) {
    best = isa <= most ? isa : best;
  }
  return best;
}

const VectorKernels<float>& vector_kernels([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx2) {
    return avx2::kKernels;
  }
  if (isa == Isa::avx512) {
    return avx512::kKernels;
  }
#endif
  return baseline::kKernels;
}

template <>
const VectorKernels<float>& vector_kernels<float>() {
  static const VectorKernels<float>& best = vector_kernels(best_isa());
  return best;
}

template <>
const VectorKernels<double>& vector_kernels<double>() {
  return baseline_double::kKernels;
}

}  // namespace weft::kernels
