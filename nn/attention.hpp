#pragma once

#include "autograd/ops.hpp"
#include "nn/linear.hpp"

/// Attention: a common interface, and one class per score function (equations in attention.cpp).
namespace weft::nn {

/// The result of attention.
struct AttentionOutput {
  Tensor context;  ///< [B, D], the weighted sum of the values
  Tensor weights;  ///< [S, B], each column sums to 1; exactly 0 at padding
};

/// Attention of queries over values. Values are time-major, [S, B, D]; their keys are projected
/// once per sentence and used in all decoder steps.
class Attention : public Module {
 public:
  /// values [S, B, D] -> keys [S, B, A].
  virtual Tensor project_keys(const Tensor& values) const = 0;

  /// q [B, Q], keys [S, B, A], values [S, B, D], boolean padding [S, B] (true where there is
  /// nothing to attend to; no padding if undefined; the values there must be finite). Throws Error
  /// on other shapes, or if a column is all padding. With `rows` [N] (int64), q is [N, Q] and row n
  /// attends to column rows[n] of the others, so that several rows can share a sentence: [N, D] and
  /// [S, N].
  AttentionOutput forward(const Tensor& q, const Tensor& keys, const Tensor& values,
                          const Tensor& padding = {}, const Tensor& rows = {}) const;

 protected:
  /// The scores e [S, B], or [S, N] with `rows`; their softmax is the weights.
  virtual Tensor scores(const Tensor& q, const Tensor& keys, const Tensor& rows) const = 0;
};

/// Dot-product attention, without parameters: Q = A = D.
class DotAttention : public Attention {
 public:
  /// The keys are the values themselves.
  Tensor project_keys(const Tensor& values) const override { return values; }

 protected:
  Tensor scores(const Tensor& q, const Tensor& keys, const Tensor& rows) const override;
};

/// Dot-product attention with scores divided by the square root of A.
class ScaledDotAttention : public Attention {
 public:
  /// The keys are the values themselves.
  Tensor project_keys(const Tensor& values) const override { return values; }

 protected:
  Tensor scores(const Tensor& q, const Tensor& keys, const Tensor& rows) const override;
};

/// Dot products with a linear projection of the values: A = Q.
class GeneralAttention : public Attention {
 public:
  /// Parameter `key.weight` [Q, D], uniform in +-1/sqrt(D). Throws Error if a size is below 1.
  GeneralAttention(std::int64_t query_dim, std::int64_t key_dim);

  Tensor project_keys(const Tensor& values) const override;

  Linear key;  ///< D -> Q, without bias

 protected:
  Tensor scores(const Tensor& q, const Tensor& keys, const Tensor& rows) const override;
};

/// Additive attention: a layer of A units for each pair of query and key.
class AdditiveAttention : public Attention {
 public:
  /// Parameters `v` [hidden_size], `query.weight` [A, Q], `key.weight` [A, D] and `key.bias` [A]
  /// with A = hidden_size; v is initialized uniform in +-1/sqrt(A). Throws Error if a size is below
  /// 1.
  AdditiveAttention(std::int64_t query_dim, std::int64_t key_dim, std::int64_t hidden_size,
                    Energy energy = Energy::tanh);

  Tensor project_keys(const Tensor& values) const override;

  Tensor v;      ///< [A]
  Linear query;  ///< Q -> A, without bias
  Linear key;    ///< D -> A

 protected:
  Tensor scores(const Tensor& q, const Tensor& keys, const Tensor& rows) const override;

 private:
  Energy energy_;
};

}  // namespace weft::nn
