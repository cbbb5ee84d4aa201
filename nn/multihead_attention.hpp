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

  /// query [T, B, E], memory [S, B, E] -> [T, B, E]. Keys and values are projections of `memory`,
  /// in one product.
  Tensor forward(const Tensor& query, const Tensor& memory, const Options& options) const;
  /// Self-attention: the same with query = memory = x [T, B, E], in one product.
  Tensor forward(const Tensor& x, const Options& options) const;

  ///@{ The parts, for decoders that keep keys and values: x [N, E] -> [N, E], [N, 2E], [N, 3E].
  Tensor project_query(const Tensor& x) const;
  Tensor project_key_value(const Tensor& x) const;
  /// All three. With a rotation [N, 1, d], that of rows of x.
  Tensor project(const Tensor& x, const Rotation& rotation) const;
  ///@}

  /// The number of heads.
  std::int64_t heads() const { return heads_; }

  Tensor in_proj_weight;  ///< [3E, E], of queries, keys and values
  Tensor in_proj_bias;    ///< [3E]
  Linear out_proj;        ///< E -> E

 private:
  std::vector<Tensor> heads_of(const Tensor& x) const;

  std::int64_t embed_dim_;
  std::int64_t heads_;
};

}  // namespace weft::nn
