#include "nn/attention.hpp"

#include <cmath>
#include <limits>

#include "autograd/ops/checks.hpp"
#include "nn/init.hpp"

// Additive attention (Bahdanau et al. 2015, arXiv:1409.0473, eqs. 5-6 and appendix A.1.2):
//
//     e_ij     = v . f(W_a s_{i-1} + U_a h_j + b)           f = tanh in the paper
//     alpha_ij = exp(e_ij) / sum_k exp(e_ik)                over the real positions j alone
//     c_i      = sum_j alpha_ij h_j
//
// W_a is `query`, U_a with the bias is `key`. U_a h_j does not depend on the step i.

namespace weft::nn {
namespace {

/// Where nothing is left to attend to, the softmax would be that of no number at all.
void check_padding(const Tensor& padding, std::int64_t S, std::int64_t B) {
  ops::check_dtype("AdditiveAttention", "padding", padding, DType::boolean);
  ops::check_shape("AdditiveAttention", "padding", padding, {S, B});
  const bool* const mask = padding.data<bool>().data();
  for (std::int64_t b = 0; b < B; ++b) {
    std::int64_t s = 0;
    while (s < S && mask[s * B + b]) {
      ++s;
    }
    if (s == S) {
      fail("AdditiveAttention: row {} is nothing but padding; expected a place to attend to", b);
    }
  }
}

}  // namespace

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

AttentionOutput AdditiveAttention::forward(const Tensor& q, const Tensor& keys,
                                           const Tensor& values, const Tensor& padding,
                                           const Tensor& rows) const {
  const Forward call(*this);
  Tensor scores = additive_scores(query.forward(q), keys, v, energy_, rows);  // [S, B]
  if (padding.defined()) {
    check_padding(padding, keys.size(0), keys.size(1));
    const Tensor mask = rows.defined() ? index_select(padding, 1, rows) : padding;  // [S, B]
    scores = masked_fill(scores, mask, -std::numeric_limits<double>::infinity());
  }
  const Tensor weights = softmax(scores, 0);
  const std::vector<Tensor> outputs = call.outputs({weighted_sum(weights, values, rows), weights});
  return {.context = outputs[0], .weights = outputs[1]};
}

}  // namespace weft::nn
