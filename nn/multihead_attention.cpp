#include "nn/multihead_attention.hpp"

#include <cmath>
#include <limits>

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

/// [T, B, E] -> [B, heads, T, d]
Tensor MultiheadAttention::split_heads(const Tensor& x) const {
  const Tensor heads = reshape(x, {x.size(0), x.size(1), heads_, embed_dim_ / heads_});
  return permute(heads, {1, 2, 0, 3});
}

Tensor MultiheadAttention::project_part(const Tensor& x, std::int64_t part) const {
  const std::int64_t E = embed_dim_;
  return linear(x, narrow(in_proj_weight, 0, part * E, E), narrow(in_proj_bias, 0, part * E, E));
}

Tensor MultiheadAttention::project_query(const Tensor& x) const { return project_part(x, 0); }
Tensor MultiheadAttention::project_key(const Tensor& x) const { return project_part(x, 1); }
Tensor MultiheadAttention::project_value(const Tensor& x) const { return project_part(x, 2); }

namespace {

/// Heads [B, heads, T, d] side by side again: [T, B, E].
Tensor join_heads(const Tensor& x) {
  const Tensor y = permute(x, {2, 0, 1, 3});  // [T, B, heads, d]
  return reshape(y, {y.size(0), y.size(1), y.size(2) * y.size(3)});
}

/// For each of rows [N] the columns of its heads, row heads + h: [N heads].
Tensor head_columns(const Tensor& rows, std::int64_t heads) {
  Tensor columns = empty({rows.numel() * heads}, DType::int64);
  std::int64_t* column = columns.mutable_data<std::int64_t>().data();
  for (const std::int64_t row : rows.data<std::int64_t>()) {
    for (std::int64_t h = 0; h < heads; ++h) {
      *column++ = row * heads + h;
    }
  }
  return columns;
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
  // One after the other: arguments are evaluated in any order, and the gradient of `memory` is
  // summed in that of the ops.
  const Tensor q = split_heads(project_query(query));
  const Tensor k = split_heads(project_key(memory));
  const Tensor v = split_heads(project_value(memory));
  return call.output(out_proj.forward(attend_heads(q, k, v, options)));
}

Tensor MultiheadAttention::forward(const Tensor& x, const Options& options) const {
  const Forward call(*this);
  const Tensor all = linear(x, in_proj_weight, in_proj_bias);  // [T, B, 3E]
  const Tensor heads = permute(reshape(all, {x.size(0), x.size(1), 3, heads_, embed_dim_ / heads_}),
                               {2, 1, 3, 0, 4});  // [3, B, heads, T, d]
  const std::vector<Tensor> parts = unbind(heads);
  return call.output(out_proj.forward(attend_heads(parts[0], parts[1], parts[2], options)));
}

std::vector<Tensor> MultiheadAttention::project(const Tensor& x, const Rotation& rotation) const {
  const std::int64_t E = embed_dim_;
  std::vector<Tensor> parts = split(linear(x, in_proj_weight, in_proj_bias), {E, E, E}, -1);
  for (std::size_t i = 0; i < 2 && rotation.cos.defined(); ++i) {
    const Tensor heads = reshape(parts[i], {x.size(0), heads_, E / heads_});
    parts[i] = reshape(rotate(heads, rotation), x.shape());
  }
  return parts;
}

MultiheadAttention::Attended MultiheadAttention::attend(const Tensor& query, const Tensor& keys,
                                                        const Tensor& values, const Tensor& padding,
                                                        const Tensor& rows) const {
  const std::int64_t S = keys.size(0);
  const std::int64_t B = keys.size(1);
  const std::int64_t N = query.size(0);
  const std::int64_t d = embed_dim_ / heads_;
  // Each head is a column of its own: column b heads + h of the keys, row n heads + h.
  Tensor columns;
  Tensor hidden = padding;  // [S, N]
  if (rows.defined()) {
    columns = head_columns(rows, heads_);
    hidden = padding.defined() ? index_select(padding, 1, rows) : padding;
  }
  const double scale = 1 / std::sqrt(static_cast<double>(d));
  Tensor scores = dot_scores(reshape(query * scale, {N * heads_, d}),
                             reshape(keys, {S, B * heads_, d}), columns);  // [S, N heads]
  if (hidden.defined()) {
    scores = reshape(masked_fill(reshape(scores, {S, N, heads_}), reshape(hidden, {S, N, 1}),
                                 -std::numeric_limits<double>::infinity()),
                     {S, N * heads_});
  }
  const Tensor weights = softmax(scores, 0);
  const Tensor context =
      weighted_sum(weights, reshape(values, {S, B * heads_, d}), columns);  // [N heads, d]
  return {out_proj.forward(reshape(context, {N, embed_dim_})), reshape(weights, {S, N, heads_})};
}

}  // namespace weft::nn
