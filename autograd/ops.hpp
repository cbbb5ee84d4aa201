#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "autograd/op.hpp"
#include "autograd/random.hpp"
#include "autograd/tensor.hpp"

/// The differentiable operations. Operands broadcast by NumPy's rules where stated; dtypes are
/// never mixed; a C++ number takes the tensor's dtype. Each function throws Error if shapes or
/// dtypes do not fit. Equations, derivatives and samples are above each definition in ops/.
namespace weft {

namespace detail {
/// A C++ number beside x in an op, as a tensor of x's dtype. Throws Error, in the op's name, if
/// that has no such number.
[[nodiscard]] Tensor number(std::string_view op, double value, const Tensor& x);
}  // namespace detail

// ---- ops/arithmetic.cpp: elementwise, broadcasting
/// a + b; a and b broadcast, also in the next three.
Tensor add(const Tensor& a, const Tensor& b);
/// a - b
Tensor sub(const Tensor& a, const Tensor& b);
/// a b, elementwise
Tensor mul(const Tensor& a, const Tensor& b);
/// a / b, elementwise
Tensor div(const Tensor& a, const Tensor& b);
/// -x
Tensor neg(const Tensor& x);
///@{
/// The same as operators; a number counts as a scalar tensor.
inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator-(const Tensor& x) { return neg(x); }
inline Tensor operator+(const Tensor& a, double b) { return add(a, detail::number("add", b, a)); }
inline Tensor operator+(double a, const Tensor& b) { return add(detail::number("add", a, b), b); }
inline Tensor operator-(const Tensor& a, double b) { return sub(a, detail::number("sub", b, a)); }
inline Tensor operator-(double a, const Tensor& b) { return sub(detail::number("sub", a, b), b); }
inline Tensor operator*(const Tensor& a, double b) { return mul(a, detail::number("mul", b, a)); }
inline Tensor operator*(double a, const Tensor& b) { return mul(detail::number("mul", a, b), b); }
inline Tensor operator/(const Tensor& a, double b) { return div(a, detail::number("div", b, a)); }
inline Tensor operator/(double a, const Tensor& b) { return div(detail::number("div", a, b), b); }
///@}
/// a^b; NaN for negative a and non-integer b. The derivative with respect to a is 0 where b is 0.
Tensor pow(const Tensor& a, const Tensor& b);
/// x^exponent
inline Tensor pow(const Tensor& x, double exponent) {
  return pow(x, detail::number("pow", exponent, x));
}
/// The larger of a and b; where they are equal, each gets half of the gradient.
Tensor maximum(const Tensor& a, const Tensor& b);
/// The smaller of a and b; where they are equal, each gets half of the gradient.
Tensor minimum(const Tensor& a, const Tensor& b);
/// a where the boolean condition is true, b elsewhere; all three broadcast.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
/// x with `value` wherever the boolean mask (broadcast to x) is true.
Tensor masked_fill(const Tensor& x, const Tensor& mask, double value);

// ---- ops/pointwise.cpp: mathematical functions, elementwise
/// e^x
Tensor exp(const Tensor& x);
/// ln x; -inf at 0, NaN below.
Tensor log(const Tensor& x);
/// ln(1 + x), accurate for small x.
Tensor log1p(const Tensor& x);
/// The square root; NaN for x < 0.
Tensor sqrt(const Tensor& x);
/// x^2
Tensor square(const Tensor& x);
/// |x|; its derivative at 0 is 0.
Tensor abs(const Tensor& x);
/// x clamped to [low, high]; the gradient passes where x is in the range, bounds included.
Tensor clamp(const Tensor& x, double low, double high);
/// sin x, x in radians.
Tensor sin(const Tensor& x);
/// cos x, x in radians.
Tensor cos(const Tensor& x);
/// The error function, 2/sqrt(pi) times the integral of e^-t^2 from 0 to x.
Tensor erf(const Tensor& x);

// ---- ops/activation.cpp: nonlinearities, elementwise
/// tanh x
Tensor tanh(const Tensor& x);
/// 1 / (1 + e^-x)
Tensor sigmoid(const Tensor& x);
/// max(x, 0); its derivative at 0 is 0.
Tensor relu(const Tensor& x);
/// x times the standard normal CDF at x; exact, not the tanh approximation.
Tensor gelu(const Tensor& x);
/// ln(1 + e^x).
Tensor softplus(const Tensor& x);
/// Inverted dropout: zeroes each element with probability p in [0, 1) and scales the rest by
/// 1 / (1 - p). Uses one position of the generator, or none if p is 0.
Tensor dropout(const Tensor& x, double p, Generator& generator);

// ---- ops/reduction.cpp
/// Sum over `dims` (all if empty), which are kept with size 1 if `keepdim`.
Tensor sum(const Tensor& x, const std::vector<std::int64_t>& dims = {}, bool keepdim = false);
/// Mean over `dims` (all if empty). Throws Error for the mean of no elements.
Tensor mean(const Tensor& x, const std::vector<std::int64_t>& dims = {}, bool keepdim = false);
/// Variance over `dims` (all if empty): the sum of squared deviations divided by the number of
/// elements minus `correction`. Throws Error if that divisor is not positive.
Tensor var(const Tensor& x, const std::vector<std::int64_t>& dims = {}, std::int64_t correction = 1,
           bool keepdim = false);
/// Euclidean norm over `dims` (all if empty); its derivative at 0 is 0.
Tensor norm(const Tensor& x, const std::vector<std::int64_t>& dims = {}, bool keepdim = false);
/// Cumulative sums along `dim`.
Tensor cumsum(const Tensor& x, std::int64_t dim);

// ---- ops/extremum.cpp
/// The maximum along `dim`; among equals the first gets the gradient. NaN counts as largest.
Tensor max(const Tensor& x, std::int64_t dim, bool keepdim = false);
/// The minimum along `dim`; among equals the first gets the gradient. NaN counts as smallest.
Tensor min(const Tensor& x, std::int64_t dim, bool keepdim = false);

// ---- ops/shape.cpp
/// A view with another shape; one size may be -1 and is inferred.
Tensor reshape(const Tensor& x, const Shape& shape);
/// Swaps two dimensions (copies).
Tensor transpose(const Tensor& x, std::int64_t dim0, std::int64_t dim1);
/// The dimensions in another order (copies): dimension i of the result is dims[i] of x.
Tensor permute(const Tensor& x, const std::vector<std::int64_t>& dims);
/// Broadcasts x to `shape` (copies).
Tensor expand(const Tensor& x, const Shape& shape);
/// The elements in reverse order along `dim`.
Tensor flip(const Tensor& x, std::int64_t dim);

// ---- ops/pieces.cpp
/// Joins tensors along an existing dimension.
Tensor cat(const std::vector<Tensor>& tensors, std::int64_t dim);
/// Joins tensors of the same shape along a new dimension.
Tensor stack(const std::vector<Tensor>& tensors, std::int64_t dim = 0);
/// Slices along `dim`, each without that dimension. Views if dim is 0.
std::vector<Tensor> unbind(const Tensor& x, std::int64_t dim = 0);
/// Pieces of the given sizes along `dim`; the sizes must add up to the size of `dim`.
std::vector<Tensor> split(const Tensor& x, const std::vector<std::int64_t>& sizes,
                          std::int64_t dim);
/// Elements [start, start + length) along `dim`. A view if dim is 0.
Tensor narrow(const Tensor& x, std::int64_t dim, std::int64_t start, std::int64_t length);

// ---- ops/matmul.cpp
/// [M, K] @ [K, N] -> [M, N]; [B, M, K] @ [B, K, N] -> [B, M, N].
Tensor matmul(const Tensor& a, const Tensor& b);
/// a b^T: [M], [N] -> [M, N].
Tensor outer(const Tensor& a, const Tensor& b);
/// x W^T + b: [..., I], [O, I], [O] -> [..., O]; the bias may be undefined.
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias = {});

// ---- ops/index.cpp
/// Rows of `weight` [V, D]: ids [...] -> [..., D]. The gradient is rows, never a dense table.
Tensor embedding(const Tensor& ids, const Tensor& weight);
/// The adjoint of embedding: adds values [..., D] to the rows ids [...] of a zero table
/// [num_rows, D].
Tensor index_add(const Tensor& ids, const Tensor& values, std::int64_t num_rows);
/// The entries `ids` [N] along `dim`: [..., M, ...] -> [..., N, ...].
Tensor index_select(const Tensor& x, std::int64_t dim, const Tensor& ids);
/// Picks elements along `dim` by ids of the same rank as x: y[i][j] = x[ids[i][j]][j] for dim 0, as
/// in PyTorch. In the other dimensions ids may be smaller than x.
Tensor gather(const Tensor& x, std::int64_t dim, const Tensor& ids);
/// The adjoint of gather: x with each value, of the shape of ids, added at its id along `dim`.
Tensor scatter_add(const Tensor& x, std::int64_t dim, const Tensor& ids, const Tensor& values);

// ---- ops/softmax.cpp
/// e^x_i / sum_j e^x_j along `dim`, with the shape of x.
Tensor softmax(const Tensor& x, std::int64_t dim);
/// ln softmax(x, dim), accurate even where softmax underflows to 0.
Tensor log_softmax(const Tensor& x, std::int64_t dim);
/// ln of the sum of e^x along `dim`, which is kept with size 1 if `keepdim`.
Tensor logsumexp(const Tensor& x, std::int64_t dim, bool keepdim = false);

// ---- ops/loss.cpp, ops/linear_cross_entropy.cpp
/// How the losses of a batch are reduced to one number.
enum class Reduction : std::uint8_t { mean, sum };
/// Cross-entropy of logits [N, V] against class ids [N]. Rows whose target is `ignore_index` are
/// excluded from the sum and the mean (which is 0 if no row is left). `label_smoothing` in [0, 1]
/// is the fraction of each target that is spread uniformly over all V classes.
Tensor cross_entropy(const Tensor& logits, const Tensor& targets, std::int64_t ignore_index = -100,
                     Reduction reduction = Reduction::mean, double label_smoothing = 0);
/// cross_entropy(linear(x, weight, bias), targets, ...) for x [N, I], weight [V, I], bias [V] (or
/// undefined), computed a few rows at a time: the logits [N, V] are never in memory as a whole.
Tensor linear_cross_entropy(const Tensor& x, const Tensor& weight, const Tensor& bias,
                            const Tensor& targets, std::int64_t ignore_index = -100,
                            Reduction reduction = Reduction::mean, double label_smoothing = 0);
/// The same for log-probabilities [N, V]: -log_p at the targets.
Tensor nll_loss(const Tensor& log_p, const Tensor& targets, std::int64_t ignore_index = -100,
                Reduction reduction = Reduction::mean);
/// Squared differences of two tensors of the same shape.
Tensor mse_loss(const Tensor& input, const Tensor& target, Reduction reduction = Reduction::mean);
/// Binary cross-entropy of the probabilities sigmoid(logits) against targets in [0, 1], same shape.
Tensor bce_with_logits(const Tensor& logits, const Tensor& target,
                       Reduction reduction = Reduction::mean);
/// Kullback-Leibler divergence sum p (ln p - log_q) of the distributions along the last dimension;
/// target p and input ln q have the same shape. The mean is over distributions (PyTorch's
/// `batchmean`).
Tensor kl_div(const Tensor& log_q, const Tensor& target, Reduction reduction = Reduction::mean);

// ---- ops/normalization.cpp
/// Layer normalization over the last dimension: x [..., D], weight [D], bias [D] -> [..., D] with D
/// at least 1; `eps`, finite and non-negative, is added to the variance.
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps = 1e-5);
/// The same without mean and bias: x [..., D] divided by the root of its mean square, times weight
/// [D].
Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps = 1e-6);

// ---- ops/linear_recurrence.cpp
/// y_t = decay_t y_{t-1} + x_t, elementwise, with y_{-1} = 0: decay, x [T, ...] -> [T, ...].
Tensor linear_recurrence(const Tensor& decay, const Tensor& x);

// ---- ops/recurrent.cpp
/// One GRU step given the input product gi = x W_ih^T + b_ih [B, 3H] and the hidden product
/// gh = h W_hh^T + b_hh [B, 3H], gates in the order r, z, n; h [B, H] -> h' [B, H]. Rows where the
/// boolean `mask` [B] is false keep h; an undefined mask updates all rows.
Tensor gru_cell(const Tensor& gi, const Tensor& gh, const Tensor& h, const Tensor& mask = {});
/// One LSTM step given the products gi = x W_ih^T + b_ih and gh = h W_hh^T + b_hh [B, 4H], gates in
/// the order i, f, g, o; h [B, H], c [B, H] -> {h', c'}. Rows where the boolean `mask` [B] is false
/// keep h and c; an undefined mask updates all rows, and the elements of h are then not used.
std::vector<Tensor> lstm_cell(const Tensor& gi, const Tensor& gh, const Tensor& h, const Tensor& c,
                              const Tensor& mask = {});

// ---- ops/attention.cpp
/// The nonlinearity between the sum of query and key and the product with v.
enum class Energy : std::uint8_t { tanh, relu };
/// The names of the nonlinearities.
constexpr auto names_of(Energy) {
  return name_table<Energy>("energy", {{Energy::tanh, "tanh"}, {Energy::relu, "relu"}});
}
/// Additive scores v . f(q_b + k_sb): query [B, A], keys [S, B, A], v [A] -> [S, B]. With `rows`
/// [N] (int64) there are N queries, and query n is scored against column rows[n] of the keys:
/// [S, N].
Tensor additive_scores(const Tensor& query, const Tensor& keys, const Tensor& v, Energy energy,
                       const Tensor& rows = {});
/// Scores q_b . k_sb: query [B, A], keys [S, B, A] -> [S, B]; `rows` as in additive_scores.
Tensor dot_scores(const Tensor& query, const Tensor& keys, const Tensor& rows = {});
/// sum_s w_sb x_sb: weights [S, B], values [S, B, D] -> [B, D]. With `rows` [N], column n of the
/// weights [S, N] applies to column rows[n] of the values: [N, D].
Tensor weighted_sum(const Tensor& weights, const Tensor& values, const Tensor& rows = {});

// ---- ops/scaled_dot_product.cpp
/// What a query sees, and what becomes of its weights.
struct AttentionOptions {
  Tensor lengths = {};               ///< int64 [B]: keys of each sentence; undefined: all
  bool causal = false;               ///< query t of T sees only the first t + 1 + S - T keys
  std::optional<double> scale = {};  ///< of the products; default: 1 / sqrt(d)
  double dropout = 0;                ///< probability of dropping a weight, in [0, 1)
  Generator* generator = nullptr;    ///< for dropout; null: default_generator()
};
/// softmax(scale q k^T) v for each head: query [B, heads, T, d], key [B, heads, S, d], value
/// [B, heads, S, dv] -> [B, heads, T, dv]. The weights are never in memory as a whole. A query that
/// sees no key has the result 0. Without dropout, the bits of a sentence's result depend neither on
/// the batch nor on the padding behind its length.
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});

// ---- ops/convolution.cpp, ops/windows.cpp, ops/pooling.cpp: images [B, C, H, W]
/// Where windows of an image lie. What is outside of the image counts as 0.
struct Window {
  Size2 stride = {1, 1};    ///< from one window to the next
  Size2 padding = {0, 0};   ///< zeros on each side of the image
  Size2 dilation = {1, 1};  ///< from one element of a window to the next
};
/// Convolution (not flipped): x [B, C, H, W], weight [O, C / groups, KH, KW], bias [O] (or
/// undefined) -> [B, O, OH, OW]. Output channel o sees the channels of its group alone. An infinity
/// in an argument makes gradients NaN also where no element of the kernel connects them.
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              const Window& window = {}, std::int64_t groups = 1);
/// The same for sequences: x [B, C, T], weight [O, C / groups, K], bias [O] -> [B, O, OT].
Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias = {},
              std::int64_t stride = 1, std::int64_t padding = 0, std::int64_t dilation = 1,
              std::int64_t groups = 1);
/// The windows of images as columns: [B, C, H, W] -> [B, C KH KW, OH OW].
Tensor unfold(const Tensor& x, const Size2& kernel, const Window& window = {});
/// The adjoint of unfold, which adds up what windows share: [B, C KH KW, OH OW] -> [B, C, H, W]
/// with {H, W} = `size`.
Tensor fold(const Tensor& windows, const Size2& size, const Size2& kernel,
            const Window& window = {});
/// The largest element of each window; the first of equals gets the gradient, NaN counts as
/// largest. Padding, at most half of the kernel, is left out. Windows have no dilation.
Tensor max_pool2d(const Tensor& x, const Size2& kernel, const Window& window);
/// The mean of each window, zeros of the padding included, which is at most half of the kernel.
/// Windows have no dilation.
Tensor avg_pool2d(const Tensor& x, const Size2& kernel, const Window& window);
///@{ The same for windows side by side
inline Tensor max_pool2d(const Tensor& x, const Size2& kernel) {
  return max_pool2d(x, kernel, {.stride = kernel});
}
inline Tensor avg_pool2d(const Tensor& x, const Size2& kernel) {
  return avg_pool2d(x, kernel, {.stride = kernel});
}
///@}

// ---- ops/checkpoint.cpp: time for memory
/// function(inputs), whose intermediate results are dropped and recomputed by backward. The
/// gradients, including those of parameters that the function captured, are bitwise the same as
/// without it. `grad` and create_graph (where sums may be in another order) work as usual. The
/// function is called again with the default generator at the same position, so it must not draw
/// from any other; it must not depend on anything that changes in between (capture by value), and
/// may contain checkpoints itself. Throws Error in backward if it then makes outputs of other
/// shapes.
std::vector<Tensor> checkpoint(const TensorFunction& function, const std::vector<Tensor>& inputs);

// ---- not differentiable (ops/comparison.cpp): results are constants
/// Id of the largest element along the last dimension, the first among equals; NaN counts as
/// largest: [..., V] -> [...].
Tensor argmax(const Tensor& x);
/// The result of `topk`, largest first.
struct TopK {
  Tensor values;  ///< [..., k]
  Tensor ids;     ///< int64 [..., k]
};
/// The k largest elements along the last dimension; among equals smaller ids win; NaN counts as
/// smallest. Throws Error unless 1 <= k <= the dimension's size.
TopK topk(const Tensor& x, std::int64_t k);
///@{
/// Elementwise comparisons with broadcasting, of tensors of the same dtype: boolean.
Tensor eq(const Tensor& a, const Tensor& b);
Tensor ne(const Tensor& a, const Tensor& b);
Tensor lt(const Tensor& a, const Tensor& b);
Tensor le(const Tensor& a, const Tensor& b);
Tensor gt(const Tensor& a, const Tensor& b);
Tensor ge(const Tensor& a, const Tensor& b);
inline Tensor eq(const Tensor& a, double b) { return eq(a, detail::number("eq", b, a)); }
inline Tensor ne(const Tensor& a, double b) { return ne(a, detail::number("ne", b, a)); }
inline Tensor lt(const Tensor& a, double b) { return lt(a, detail::number("lt", b, a)); }
inline Tensor le(const Tensor& a, double b) { return le(a, detail::number("le", b, a)); }
inline Tensor gt(const Tensor& a, double b) { return gt(a, detail::number("gt", b, a)); }
inline Tensor ge(const Tensor& a, double b) { return ge(a, detail::number("ge", b, a)); }
///@}

}  // namespace weft
