#pragma once

#include "autograd/ops.hpp"
#include "nn/linear.hpp"

namespace weft::nn {

/// What attention returns.
struct AttentionOutput {
  Tensor context;  ///< [B, D], the weighted sum of the values
  Tensor weights;  ///< [S, B], each column sums to 1; exactly 0 at padding
};

/// Additive attention (equations in attention.cpp). Values stand time-major, [S, B, D]; their keys
/// are projected once a sentence and serve all steps of the decoder.
class AdditiveAttention : public Module {
 public:
  /// Parameters `v` [hidden_size], `query.weight` [A, Q], `key.weight` [A, D] and `key.bias` [A],
  /// A = hidden_size; v starts uniform in +-1/sqrt(A). Throws Error unless sizes are at least 1.
  AdditiveAttention(std::int64_t query_dim, std::int64_t key_dim, std::int64_t hidden_size,
                    Energy energy = Energy::tanh);

  /// values [S, B, D] -> keys [S, B, A].
  Tensor project_keys(const Tensor& values) const;

  /// q [B, Q], keys [S, B, A], values [S, B, D], boolean padding [S, B] (true where there is
  /// nothing to attend to; none if undefined; values there must be finite). Throws Error on other
  /// shapes, or if a column is nothing but padding. With `rows` [N] (int64), q is [N, Q] and row n
  /// attends to column rows[n] of the others, so that many rows may share a sentence: [N, D] and
  /// [S, N].
  AttentionOutput forward(const Tensor& q, const Tensor& keys, const Tensor& values,
                          const Tensor& padding = {}, const Tensor& rows = {}) const;

  Tensor v;      ///< [A]
  Linear query;  ///< Q -> A, without bias
  Linear key;    ///< D -> A

 private:
  Energy energy_;
};

}  // namespace weft::nn
