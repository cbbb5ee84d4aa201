#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "autograd/kernels/primitive.hpp"

/// The hot loops, compiled once per instruction set and selected at run time, so that one binary is
/// fast everywhere. The loops themselves are plain C++, in vector.inc.
///
/// Each kernel processes one row of n (or H) elements; the packed products process several. The
/// result for a row depends only on that row, never on its neighbors or on threads.
namespace weft::kernels {

/// Instruction sets with kernels; `baseline` is the compiler's default target.
enum class Isa : std::uint8_t { baseline, avx2, avx512 };

/// The name used by WEFT_ISA and in messages.
std::string_view name(Isa isa);

/// The constants of one step of Adam (optim/adam.hpp).
template <class T>
struct AdamStep {
  T beta1;             ///< of the first moment
  T beta2;             ///< of the second
  T rest1;             ///< 1 - beta1
  T rest2;             ///< 1 - beta2
  T step_size;         ///< lr / (1 - beta1^t)
  T root_correction2;  ///< sqrt(1 - beta2^t)
  T eps;               ///< added to the root
  T keep;              ///< factor that weight decay applies to a parameter
};

/// The weights of a head are padded to a multiple of this number.
inline constexpr std::int64_t kLookUpLanes = 16;

/// What the queries of attention have in common that look up their keys one after the other.
template <class T>
struct LookUp {
  std::int64_t heads;   ///< of a query
  std::int64_t d;       ///< features of a head's query, key and value
  std::int64_t values;  ///< the distance from a key to its value, in elements
  T scale;              ///< of the products
};

/// The number of elements whose random numbers come from consecutive counters: word w of the jth of
/// these counters is that of element 16 w + j.
inline constexpr std::int64_t kDropoutBlock = 64;

/// Which elements dropout keeps: those whose random 32 bits (random.hpp) are at least `threshold`.
struct DropoutMask {
  std::uint64_t seed;       ///< of the generator
  std::uint64_t position;   ///< of the draw
  std::uint32_t threshold;  ///< the probability of being dropped times 2^32
};

/// Up to this number of rows, packed_products processes several panels at once: with a single panel
/// it would wait for its own previous sums.
inline constexpr std::int64_t kFewRows = 2;
/// The number of panels: a thread's share should be a multiple of it.
inline constexpr std::int64_t kPanelsOfFewRows = 4;

/// The largest panel of all instruction sets, in elements.
inline constexpr std::int64_t kMostPanel = 32;

/// The kernels of one instruction set. The formulas are above the ops that call them.
template <class T>
struct VectorKernels {
  /// The elementwise functions, indexed by Primitive.
  std::array<PrimitiveKernel<T>, kPrimitives> primitives;
  /// sum_i x[i], in double
  double (*sum)(const T* x, std::int64_t n);
  /// totals[i] += sum_r x[r stride + i] for `rows` rows
  void (*sum_rows)(const T* x, std::int64_t stride, std::int64_t rows, std::int64_t n,
                   double* totals);
  /// sum_i x[i] y[i]
  T (*dot)(const T* x, const T* y, std::int64_t n);
  /// The largest x that is a number, or -infinity; sets `nan` if one is NaN.
  T (*largest)(const T* x, std::int64_t n, bool& nan);
  /// Returns the largest x; writes the sum of e^(x[i] - largest) to `sum`.
  T (*sum_exp)(const T* x, std::int64_t n, T& sum);
  /// y[i] = e^x[i] / sum_j e^x[j]
  void (*softmax)(const T* x, T* y, std::int64_t n);
  /// dx[i] = y[i] (g[i] - sum_j y[j] g[j]); dx may alias y or g, also in the next one
  void (*softmax_backward)(const T* y, const T* g, T* dx, std::int64_t n);
  /// dx[i] = g[i] - e^y[i] sum_j g[j]
  void (*log_softmax_backward)(const T* y, const T* g, T* dx, std::int64_t n);
  /// dx[i] = scale (e^((x[i] - largest) - rest) - share); dx may alias x
  void (*softmax_gradient)(const T* x, T* dx, std::int64_t n, T largest, T rest, T scale, T share);
  /// y[i] = (x[i] - mu) / sigma w[i] + b[i]; writes mu and 1 / sigma to `moments`.
  void (*layer_norm)(const T* x, const T* w, const T* b, T eps, T* y, T* moments, std::int64_t n);
  /// The gradients of layer_norm: dx is overwritten, dw and db are accumulated.
  void (*layer_norm_backward)(const T* g, const T* x, const T* w, const T* moments, T* dx, T* dw,
                              T* db, std::int64_t n);
  /// y[i] = x[i] / sigma w[i], sigma^2 = 1/n sum_j x[j]^2 + eps; writes 1 / sigma to `scale`.
  void (*rms_norm)(const T* x, const T* w, T eps, T* y, T* scale, std::int64_t n);
  /// The gradients of rms_norm: dx is overwritten, dw accumulated.
  void (*rms_norm_backward)(const T* g, const T* x, const T* w, T scale, T* dx, T* dw,
                            std::int64_t n);
  /// y[i] += a x[i]
  void (*axpy)(T a, const T* x, T* y, std::int64_t n);
  ///@{ sum_a v[a] f(q[a] + k[a]) for f = tanh, relu
  T (*tanh_score)(const T* q, const T* k, const T* v, std::int64_t n);
  T (*relu_score)(const T* q, const T* k, const T* v, std::int64_t n);
  ///@}
  ///@{ Their gradients times g: dk is overwritten, dq and dv are accumulated
  void (*tanh_score_gradient)(T g, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv,
                              std::int64_t n);
  void (*relu_score_gradient)(T g, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv,
                              std::int64_t n);
  ///@}
  /// y_h = sum_s w_hs v_sh with w_h = softmax of scale q_h . k_sh for one query q [heads d] and n
  /// keys [heads d], which stand at `keys`. Writes y [heads d] and w [heads, padded n], 0 behind n.
  void (*look_up)(const LookUp<T>& all, const T* q, const T* const* keys, std::int64_t n,
                  T* weights, T* y);
  /// One row of gru_cell: h' [H] and the gates r, z, n [3H].
  void (*gru_forward)(const T* gi, const T* gh, const T* h, T* next, T* gates, std::int64_t H);
  /// The gradients dgi, dgh [3H] and dh [H] of gru_forward.
  void (*gru_backward)(const T* g, const T* gates, const T* gh, const T* h, T* dgi, T* dgh, T* dh,
                       std::int64_t H);
  /// One row of lstm_cell: h', c' [H] and the gates i, f, g, o [4H].
  void (*lstm_forward)(const T* gi, const T* gh, const T* c, T* next_h, T* next_c, T* gates,
                       std::int64_t H);
  /// The gradients da [4H] and dc [H] of lstm_forward.
  void (*lstm_backward)(const T* u, const T* v, const T* gates, const T* c, const T* next_c, T* da,
                        T* dc, std::int64_t H);
  /// y[i] = scale x[i] where the mask keeps element first + i, else 0 x[i]; `first` is a multiple
  /// of kDropoutBlock.
  void (*dropout)(const DropoutMask& mask, std::int64_t first, T scale, const T* x, T* y,
                  std::int64_t n);
  /// Number of rows of w per panel.
  std::int64_t panel;
  /// y[j ldy + i] = x[i ldx + j] for i < rows and j < columns
  void (*transpose)(const T* x, std::int64_t rows, std::int64_t ldx, std::int64_t columns, T* y,
                    std::int64_t ldy);
  /// Packs w for packed_products, with `outputs` rounded up to a multiple of `panel`; element
  /// (o, k) is at w[o row + k column], where row or column is 1.
  void (*pack)(const T* w, std::int64_t outputs, std::int64_t n, std::int64_t row,
               std::int64_t column, T* packed);
  /// The same with element (o, k) at base[offsets[o] + k].
  void (*pack_shifted)(const T* base, const std::int64_t* offsets, std::int64_t outputs,
                       std::int64_t n, T* packed);
  /// y[r ldy + o] = start[r lds + o] + sum_k x[r ldx + k] w(o, k) for `rows` rows of x; `packed` is
  /// packed w, starting at any of its panels. `start` may be null for zeros, a bias with lds = 0,
  /// or y itself. Sums run in the order of k, with fused products where the instruction set has
  /// them, so the bits of a row of y depend only on its row of x.
  void (*packed_products)(const T* x, std::int64_t ldx, std::int64_t rows, const T* packed,
                          const T* start, std::int64_t lds, std::int64_t outputs, std::int64_t n,
                          T* y, std::int64_t ldy);
  /// y[r ldy + j] = sum_k x[r ldx + k] base[offsets[k] + j] for `rows` rows of n elements and
  /// j < columns: products with what stands at n offsets (a convolution), in the order of k. Reads
  /// up to `kMostPanel` elements behind base[offsets[k] + columns].
  void (*shifted_products)(const T* x, std::int64_t ldx, std::int64_t rows, const T* base,
                           const std::int64_t* offsets, std::int64_t n, std::int64_t columns, T* y,
                           std::int64_t ldy);
  /// Updates n parameters theta and their moments m and v by one step, given the gradients g.
  void (*adam)(const AdamStep<T>& step, const T* g, T* theta, T* m, T* v, std::int64_t n);
};

/// The instruction sets of this CPU, `baseline` first.
std::vector<Isa> supported_isas();

/// The best instruction set of this CPU, capped by the environment variable WEFT_ISA. Throws Error
/// if WEFT_ISA is not a known set.
Isa best_isa();

/// The kernels of one instruction set, which the CPU must support.
const VectorKernels<float>& vector_kernels(Isa isa);

/// The kernels of `best_isa`, which is queried once. For double, `baseline`.
template <class T>
const VectorKernels<T>& vector_kernels();

}  // namespace weft::kernels
