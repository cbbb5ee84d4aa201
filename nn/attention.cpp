#include "nn/attention.hpp"

#include <cmath>
#include <limits>

#include "autograd/ops/checks.hpp"
#include "nn/init.hpp"

// A query q_i (Q wide) attends to the values h_j (D wide) of a sentence:
//
//     alpha_ij = exp(e_ij) / sum_k exp(e_ik)           over the unmasked positions j only
//     c_i      = sum_j alpha_ij h_j
//
// with one of these scores:
//
//     dot         e_ij = q_i . h_j                     Luong et al. 2015, arXiv:1508.04025, eq. 8
//     scaled dot  e_ij = q_i . h_j / sqrt(D)           Vaswani et al. 2017, arXiv:1706.03762, eq. 1
//     general     e_ij = q_i . W_a h_j                 Luong et al. 2015, eq. 8
//     additive    e_ij = v . f(W_a q_i + U_a h_j + b)  Bahdanau et al. 2015, arXiv:1409.0473,
//                                                      eqs. 5-6, A.1.2; f = tanh in the paper
//
// (Luong's `concat` is the additive score.) W_a is `query` in additive attention and `key` in
// general attention; U_a with the bias is `key`. The projection of h_j, the key, does not depend
// on i.

namespace weft::nn {
namespace {

/// If no position is left to attend to, the softmax would be over an empty set.
void check_padding(const Tensor& padding, std::int64_t S, std::int64_t B) {
  ops::check_dtype("attention", "padding", padding, DType::boolean);
  ops::check_shape("attention", "padding", padding, {S, B});
  const bool* const mask = padding.data<bool>().data();
  for (std::int64_t b = 0; b < B; ++b) {
    std::int64_t s = 0;
    while (s < S && mask[s * B + b]) {
      ++s;
    }
    if (s == S) {
      fail("attention: row {} consists of padding only; expected at least one real position", b);
    }
  }
}

}  // namespace

AttentionOutput Attention::forward(const Tensor& q, const Tensor& keys, const Tensor& values,
                                   const Tensor& padding, const Tensor& rows) const {
  const Forward call(*this);
  Tensor e = scores(q, keys, rows);  // [S, B] or [S, N]
  if (padding.defined()) {
    check_padding(padding, keys.size(0), keys.size(1));
    const Tensor mask = rows.defined() ? index_select(padding, 1, rows) : padding;  // as e
    e = masked_fill(e, mask, -std::numeric_limits<double>::infinity());
  }
  const Tensor weights = softmax(e, 0);
  const std::vector<Tensor> outputs = call.outputs({weighted_sum(weights, values, rows), weights});
  return {.context = outputs[0], .weights = outputs[1]};
}

Tensor DotAttention::scores(const Tensor& q, const Tensor& keys, const Tensor& rows) const {
  return dot_scores(q, keys, rows);
}

// Scales the query, the smaller of the two factors.
Tensor ScaledDotAttention::scores(const Tensor& q, const Tensor& keys, const Tensor& rows) const {
  return dot_scores(q * (1 / std::sqrt(static_cast<double>(keys.size(-1)))), keys, rows);
}

GeneralAttention::GeneralAttention(std::int64_t query_dim, std::int64_t key_dim)
    : key(key_dim, query_dim, false) {
  child("key", key);
}

Tensor GeneralAttention::project_keys(const Tensor& values) const {
  const Forward call(*this);
  return key.forward(values);
}

Tensor GeneralAttention::scores(const Tensor& q, const Tensor& keys, const Tensor& rows) const {
  return dot_scores(q, keys, rows);
}

AdditiveAttention::AdditiveAttention(std::int64_t query_dim, std::int64_t key_dim,
                                     std::int64_t hidden_size, Energy energy)
    : v(parameter("v", {hidden_size})),
      query(query_dim, hidden_size, false),
      key(key_dim, hidden_size),
      energy_(energy) {
  child("query", query);
  child("key", key);
  const double bound = 1 / std::sqrt(static_cast<double>(hidden_size));
  init::uniform_(v, -bound, bound);
}

Tensor AdditiveAttention::project_keys(const Tensor& values) const {
  const Forward call(*this);
  return key.forward(values);
}

Tensor AdditiveAttention::scores(const Tensor& q, const Tensor& keys, const Tensor& rows) const {
  return additive_scores(query.forward(q), keys, v, energy_, rows);
}

}  // namespace weft::nn
