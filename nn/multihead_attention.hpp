#pragma once

#include "nn/linear.hpp"
#include "nn/positions.hpp"

namespace weft::nn {

/// Attention of several heads (equations in multihead_attention.cpp), with the parameters of
/// PyTorch's module of this name. Sequences are time-major; each head has d = E / heads features.
class MultiheadAttention : public Module {
 public:
  /// Weights are initialized uniform by Glorot and Bengio, biases to 0. Throws Error unless heads
  /// divide E.
  MultiheadAttention(std::int64_t embed_dim, std::int64_t num_heads);

  /// What a query may see, and where it stands.
  struct Options {
    Tensor lengths = {};     ///< int64 [B]: keys of each sentence; undefined: all
    bool causal = false;     ///< query t sees the first t + 1 keys alone
    Rotation rotation = {};  ///< of queries and keys, [T, d]; undefined: none
  };

  /// query [T, B, E], memory [S, B, E] -> [T, B, E]. Keys and values are projections of `memory`.
  Tensor forward(const Tensor& query, const Tensor& memory, const Options& options) const;
  /// Self-attention: the same with query = memory = x [T, B, E], in one product.
  Tensor forward(const Tensor& x, const Options& options) const;

  ///@{ The parts, for decoders that keep keys and values: [..., E] -> [..., E].
  Tensor project_query(const Tensor& x) const;
  Tensor project_key(const Tensor& x) const;
  Tensor project_value(const Tensor& x) const;
  /// All three, in one product. With a rotation [N, 1, d], that of rows x [N, E].
  std::vector<Tensor> project(const Tensor& x, const Rotation& rotation) const;
  ///@}
  /// The result of attention for one step of a decoder.
  struct Attended {
    Tensor output;   ///< [N, E]
    Tensor weights;  ///< [S, N, heads]
  };
  /// Queries [N, E], as projected, attend to the keys and values [S, B, E] of columns `rows` [N]
  /// (undefined: their own) where `padding` [S, B] is not true.
  Attended attend(const Tensor& query, const Tensor& keys, const Tensor& values,
                  const Tensor& padding, const Tensor& rows) const;

  /// The number of heads.
  std::int64_t heads() const { return heads_; }

  Tensor in_proj_weight;  ///< [3E, E], of queries, keys and values
  Tensor in_proj_bias;    ///< [3E]
  Linear out_proj;        ///< E -> E

 private:
  Tensor project_part(const Tensor& x, std::int64_t part) const;
  Tensor split_heads(const Tensor& x) const;

  std::int64_t embed_dim_;
  std::int64_t heads_;
};

}  // namespace weft::nn
