#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "autograd/random.hpp"
#include "autograd/tensor.hpp"

/// The differentiable operations. Operands broadcast by NumPy's rule where it says so, dtypes are
/// never mixed, a C++ number takes the tensor's dtype. Each throws Error on shapes or dtypes that
/// do not fit. Equations, derivatives and samples stand above each definition in ops/.
namespace weft {

// ---- ops/arithmetic.cpp: elementwise, broadcasting
Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
Tensor neg(const Tensor& x);
inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator-(const Tensor& x) { return neg(x); }
inline Tensor operator+(const Tensor& a, double b) { return add(a, scalar(b, a.dtype())); }
inline Tensor operator+(double a, const Tensor& b) { return add(scalar(a, b.dtype()), b); }
inline Tensor operator-(const Tensor& a, double b) { return sub(a, scalar(b, a.dtype())); }
inline Tensor operator-(double a, const Tensor& b) { return sub(scalar(a, b.dtype()), b); }
inline Tensor operator*(const Tensor& a, double b) { return mul(a, scalar(b, a.dtype())); }
inline Tensor operator*(double a, const Tensor& b) { return mul(scalar(a, b.dtype()), b); }
inline Tensor operator/(const Tensor& a, double b) { return div(a, scalar(b, a.dtype())); }
inline Tensor operator/(double a, const Tensor& b) { return div(scalar(a, b.dtype()), b); }
/// where(condition, a, b): a where the boolean condition holds, else b; all three broadcast.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
/// x with `value` wherever the boolean mask (broadcast to x) holds.
Tensor masked_fill(const Tensor& x, const Tensor& mask, double value);

// ---- ops/pointwise.cpp: elementwise functions
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor sigmoid(const Tensor& x);
Tensor relu(const Tensor& x);
/// Inverted dropout: zeroes each element with probability p in [0, 1) and scales the rest by
/// 1 / (1 - p). Takes one position of the generator, none if p is 0.
Tensor dropout(const Tensor& x, double p, Generator& generator);

// ---- ops/reduction.cpp
/// Sum over `dims` (all if empty); kept as size 1 if `keepdim`.
Tensor sum(const Tensor& x, const std::vector<std::int64_t>& dims = {}, bool keepdim = false);
/// Mean over `dims` (all if empty). Throws Error for a mean over no elements.
Tensor mean(const Tensor& x, const std::vector<std::int64_t>& dims = {}, bool keepdim = false);

// ---- ops/shape.cpp
/// A view with other sizes; one size may be -1 and is worked out.
Tensor reshape(const Tensor& x, const Shape& shape);
/// Exchanges two dimensions (copies).
Tensor transpose(const Tensor& x, std::int64_t dim0, std::int64_t dim1);
/// Stretches x to `shape` by broadcasting (copies).
Tensor expand(const Tensor& x, const Shape& shape);

// ---- ops/pieces.cpp
/// Joins tensors along an existing dimension.
Tensor cat(const std::vector<Tensor>& tensors, std::int64_t dim);
/// Joins tensors of one shape along a new dimension.
Tensor stack(const std::vector<Tensor>& tensors, std::int64_t dim = 0);
/// Slices along `dim`, each without that dimension. Views if dim is 0.
std::vector<Tensor> unbind(const Tensor& x, std::int64_t dim = 0);
/// Pieces of the given sizes along `dim`; they must add up.
std::vector<Tensor> split(const Tensor& x, const std::vector<std::int64_t>& sizes,
                          std::int64_t dim);
/// Elements [start, start + length) along `dim`. A view if dim is 0.
Tensor narrow(const Tensor& x, std::int64_t dim, std::int64_t start, std::int64_t length);

// ---- ops/matmul.cpp
/// [M, K] @ [K, N] -> [M, N]; [B, M, K] @ [B, K, N] -> [B, M, N].
Tensor matmul(const Tensor& a, const Tensor& b);
/// x W^T + b: [..., I], [O, I], [O] -> [..., O]; the bias may be undefined.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

// ---- ops/index.cpp
/// Rows of `weight` [V, D]: ids [...] -> [..., D]. Its gradient is rows, never a dense table.
Tensor embedding(const Tensor& ids, const Tensor& weight);
/// The adjoint of embedding: a table [num_rows, D] of zeros to which values [..., D] are added at
/// rows ids [...].
Tensor index_add(const Tensor& ids, const Tensor& values, std::int64_t num_rows);
/// The places `ids` [N] along `dim`: [..., M, ...] -> [..., N, ...].
Tensor index_select(const Tensor& x, std::int64_t dim, const Tensor& ids);
/// One element of the last dimension each: x [..., V], ids [...] -> [...].
Tensor pick(const Tensor& x, const Tensor& ids);
/// The adjoint of pick: x [...] placed at ids [...] of a last dimension of size `size`, else 0.
Tensor place(const Tensor& x, const Tensor& ids, std::int64_t size);

// ---- ops/softmax.cpp
Tensor softmax(const Tensor& x, std::int64_t dim);
Tensor log_softmax(const Tensor& x, std::int64_t dim);
enum class Reduction : std::uint8_t { mean, sum };
/// Cross-entropy of logits [N, V] against class ids [N]; rows whose target is `ignore_index` count
/// for nothing, neither in the sum nor in the mean (0 if no row counts).
Tensor cross_entropy(const Tensor& logits, const Tensor& targets, std::int64_t ignore_index = -100,
                     Reduction reduction = Reduction::mean);

// ---- ops/normalization.cpp
/// Layer normalization over the last dimension: x [..., D], weight [D], bias [D] -> [..., D], D at
/// least 1; `eps`, finite and not negative, is added to the variance.
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps = 1e-5);

// ---- ops/recurrent.cpp
/// One step of a GRU given its input product gi = x W_ih^T + b_ih [B, 3H] and its hidden product
/// gh = h W_hh^T + b_hh [B, 3H], gates in the order r, z, n; h [B, H] -> h' [B, H]. Rows where the
/// boolean `mask` [B] is false keep h; an undefined mask keeps none.
Tensor gru_cell(const Tensor& gi, const Tensor& gh, const Tensor& h, const Tensor& mask = {});
/// One step of an LSTM given its products gi = x W_ih^T + b_ih and gh = h W_hh^T + b_hh [B, 4H],
/// gates in the order i, f, g, o; h [B, H], c [B, H] -> {h', c'}. Rows where the boolean `mask` [B]
/// is false keep h and c; an undefined mask keeps none, and the elements of h then play no part.
std::vector<Tensor> lstm_cell(const Tensor& gi, const Tensor& gh, const Tensor& h, const Tensor& c,
                              const Tensor& mask = {});

// ---- ops/attention.cpp
enum class Energy : std::uint8_t { tanh, relu };
/// Additive scores v . f(q_b + k_sb): query [B, A], keys [S, B, A], v [A] -> [S, B].
Tensor additive_scores(const Tensor& query, const Tensor& keys, const Tensor& v, Energy energy);
/// sum_s w_sb x_sb: weights [S, B], values [S, B, D] -> [B, D].
Tensor weighted_sum(const Tensor& weights, const Tensor& values);

// ---- not differentiable (ops/comparison.cpp): results are constants
/// Id of the largest element along the last dimension, the first of equals: [..., V] -> [...].
Tensor argmax(const Tensor& x);
/// x > value, elementwise, boolean.
Tensor greater(const Tensor& x, double value);

}  // namespace weft
