#include "nn/multihead_attention.hpp"

#include "autograd/ops.hpp"
#include "nn/init.hpp"

// MultiHead(Q, K, V) = [head_1; ...; head_h] W^O,
// head_i = softmax(Q W_i^Q (K W_i^K)^T / sqrt(d)) V W_i^V      (Vaswani et al. 2017,
//                                                               arXiv:1706.03762, section 3.2.2)
//
// The W_i^Q of all heads are the first E rows of in_proj_weight, followed by the W_i^K and W_i^V.
namespace weft::nn {
namespace {

/// The width, if the heads divide it; throws Error otherwise, before anything of this size is made.
std::int64_t checked_width(std::int64_t embed_dim, std::int64_t heads) {
  if (heads < 1 || embed_dim < 1 || embed_dim % heads != 0) {
    fail("MultiheadAttention: heads must divide the width; got {} heads and width {}", heads,
         embed_dim);
  }
  return embed_dim;
}

}  // namespace

MultiheadAttention::MultiheadAttention(std::int64_t embed_dim, std::int64_t num_heads)
    : in_proj_weight(
          parameter("in_proj_weight", {3 * checked_width(embed_dim, num_heads), embed_dim})),
      in_proj_bias(parameter("in_proj_bias", {3 * embed_dim})),
      out_proj(embed_dim, embed_dim),
      embed_dim_(embed_dim),
      heads_(num_heads) {
  child("out_proj", out_proj);
  init::xavier_uniform_(in_proj_weight);
  init::xavier_uniform_(out_proj.weight);
  init::zeros_(out_proj.bias);
}

/// [T, B, n E] -> n tensors [B, heads, T, d]
std::vector<Tensor> MultiheadAttention::heads_of(const Tensor& x) const {
  const Tensor parts =
      reshape(x, {x.size(0), x.size(1), x.size(2) / embed_dim_, heads_, embed_dim_ / heads_});
  return unbind(permute(parts, {2, 1, 3, 0, 4}));
}

Tensor MultiheadAttention::project_query(const Tensor& x) const {
  return linear(x, narrow(in_proj_weight, 0, 0, embed_dim_),
                narrow(in_proj_bias, 0, 0, embed_dim_));
}

Tensor MultiheadAttention::project_key_value(const Tensor& x) const {
  return linear(x, narrow(in_proj_weight, 0, embed_dim_, 2 * embed_dim_),
                narrow(in_proj_bias, 0, embed_dim_, 2 * embed_dim_));
}

namespace {

/// Heads [B, heads, T, d] side by side again: [T, B, E].
Tensor join_heads(const Tensor& x) {
  const Tensor y = permute(x, {2, 0, 1, 3});  // [T, B, heads, d]
  return reshape(y, {y.size(0), y.size(1), y.size(2) * y.size(3)});
}

Tensor attend_heads(Tensor q, Tensor k, const Tensor& v,
                    const MultiheadAttention::Options& options) {
  if (options.rotation.cos.defined()) {
    q = rotate(q, options.rotation);
    k = rotate(k, options.rotation);
  }
  return join_heads(scaled_dot_product_attention(
      q, k, v, {.lengths = options.lengths, .causal = options.causal}));
}

}  // namespace

Tensor MultiheadAttention::forward(const Tensor& query, const Tensor& memory,
                                   const Options& options) const {
  const Forward call(*this);
  const Tensor q = heads_of(project_query(query))[0];
  const std::vector<Tensor> kv = heads_of(project_key_value(memory));
  return call.output(out_proj.forward(attend_heads(q, kv[0], kv[1], options)));
}

Tensor MultiheadAttention::forward(const Tensor& x, const Options& options) const {
  const Forward call(*this);
  const std::vector<Tensor> qkv = heads_of(linear(x, in_proj_weight, in_proj_bias));
  return call.output(out_proj.forward(attend_heads(qkv[0], qkv[1], qkv[2], options)));
}

Tensor MultiheadAttention::project(const Tensor& x, const Rotation& rotation) const {
  const Tensor all = linear(x, in_proj_weight, in_proj_bias);  // [N, 3E]
  if (!rotation.cos.defined()) {
    return all;
  }
  const std::int64_t E = embed_dim_;
  const Tensor turning = reshape(narrow(all, 1, 0, 2 * E), {-1, 2 * heads_, E / heads_});
  return cat({reshape(rotate(turning, rotation), {-1, 2 * E}), narrow(all, 1, 2 * E, E)}, 1);
}

}  // namespace weft::nn
