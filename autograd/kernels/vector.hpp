#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

/// The hot loops, compiled once for each set of instructions and chosen when the program runs, so
/// that one binary is fast everywhere. The loops themselves are plain C++, in vector.inc.
///
/// Each kernel works on one row of n (or H) elements, the packed products on several. What becomes
/// of a row depends on that row alone, never on its neighbours or on threads.
namespace weft::kernels {

/// Sets of instructions that there are kernels for; `baseline` is what the compiler targets anyway.
enum class Isa : std::uint8_t { baseline, avx2, avx512 };

/// As WEFT_ISA and messages call it.
std::string_view name(Isa isa);

/// The numbers of one step of Adam (optim/adam.hpp).
template <class T>
struct AdamStep {
  T beta1;             ///< of the first moment
  T beta2;             ///< of the second
  T rest1;             ///< 1 - beta1
  T rest2;             ///< 1 - beta2
  T step_size;         ///< lr / (1 - beta1^t)
  T root_correction2;  ///< sqrt(1 - beta2^t)
  T eps;               ///< added to the root
  T keep;              ///< what weight decay leaves of a parameter
};

/// Up to so many rows packed_products takes several panels at once: one alone would wait for its
/// own last sums.
inline constexpr std::int64_t kFewRows = 2;
/// How many: a thread's share should be a multiple of them.
inline constexpr std::int64_t kPanelsOfFewRows = 4;

/// The kernels of one set of instructions. Formulas stand above the ops that call them.
template <class T>
struct VectorKernels {
  ///@{ y[i] = f(x[i]); y may be x
  void (*exp)(const T* x, T* y, std::int64_t n);
  void (*tanh)(const T* x, T* y, std::int64_t n);
  void (*sigmoid)(const T* x, T* y, std::int64_t n);
  ///@}
  /// The largest x, and the sum of e^(x[i] - largest) into `sum`.
  T (*sum_exp)(const T* x, std::int64_t n, T& sum);
  /// dx[i] = scale (e^((x[i] - largest) - rest) - share); dx may be x
  void (*softmax_gradient)(const T* x, T* dx, std::int64_t n, T largest, T rest, T scale, T share);
  /// sum_i x[i] y[i]
  T (*dot)(const T* x, const T* y, std::int64_t n);
  /// y[i] += a x[i]
  void (*axpy)(T a, const T* x, T* y, std::int64_t n);
  ///@{ sum_a v[a] f(q[a] + k[a]) for f = tanh, relu
  T (*tanh_score)(const T* q, const T* k, const T* v, std::int64_t n);
  T (*relu_score)(const T* q, const T* k, const T* v, std::int64_t n);
  ///@}
  ///@{ its gradients times g: dk is written, dq and dv grow
  void (*tanh_score_gradient)(T g, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv,
                              std::int64_t n);
  void (*relu_score_gradient)(T g, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv,
                              std::int64_t n);
  ///@}
  /// One row of gru_cell: h' [H] and the gates r, z, n [3H].
  void (*gru_forward)(const T* gi, const T* gh, const T* h, T* next, T* gates, std::int64_t H);
  /// Its gradients dgi, dgh [3H] and dh [H].
  void (*gru_backward)(const T* g, const T* gates, const T* gh, const T* h, T* dgi, T* dgh, T* dh,
                       std::int64_t H);
  /// One row of lstm_cell: h', c' [H] and the gates i, f, g, o [4H].
  void (*lstm_forward)(const T* gi, const T* gh, const T* c, T* next_h, T* next_c, T* gates,
                       std::int64_t H);
  /// Its gradients da [4H] and dc [H].
  void (*lstm_backward)(const T* u, const T* v, const T* gates, const T* c, const T* next_c, T* da,
                        T* dc, std::int64_t H);
  /// Rows of w that `pack` puts together.
  std::int64_t panel;
  /// Rearranges w for packed_products, `outputs` rounded up to a multiple of `panel`; its element
  /// (o, k) stands at w[o row + k column].
  void (*pack)(const T* w, std::int64_t outputs, std::int64_t n, std::int64_t row,
               std::int64_t column, T* packed);
  /// y[r ldy + o] = bias[o] + sum_k x[r n + k] w(o, k) for `rows` rows of x and w packed, from any
  /// of its panels on; the bias may be null. The bits of a row of y depend on its row of x alone.
  void (*packed_products)(const T* x, std::int64_t rows, const T* packed, const T* bias,
                          std::int64_t outputs, std::int64_t n, T* y, std::int64_t ldy);
  /// n parameters theta and their moments m and v, one step on, given their gradients.
  void (*adam)(const AdamStep<T>& step, const T* g, T* theta, T* m, T* v, std::int64_t n);
};

/// The sets that this CPU has, `baseline` first.
std::vector<Isa> supported_isas();

/// The best set that the CPU has, no better than the environment's WEFT_ISA. Throws Error if that
/// names no set.
Isa best_isa();

/// The kernels of one set, which the CPU must have.
const VectorKernels<float>& vector_kernels(Isa isa);

/// The kernels of `best_isa`, which is asked once. In double, `baseline`.
template <class T>
const VectorKernels<T>& vector_kernels();

}  // namespace weft::kernels
