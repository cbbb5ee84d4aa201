#pragma once

#include <cstdint>

#include "autograd/kernels/vector.hpp"

/// Scaled dot-product attention, a few queries at a time: their weights are in memory, never those
/// of all queries. The sums run in the order of keys and features, in weft's own products, so the
/// bits of a query's result are the same with AVX2 and AVX-512. They do not depend on keys behind
/// the last one that it sees, as long as those are finite.
namespace weft::kernels {

/// What all heads have in common.
struct AttentionShape {
  std::int64_t heads;        ///< per sentence
  std::int64_t T;            ///< queries
  std::int64_t S;            ///< keys
  std::int64_t d;            ///< features of a query or key
  std::int64_t dv;           ///< features of a value
  const std::int64_t* seen;  ///< keys of each sentence; null: all S
  bool causal;               ///< whether query t sees keys 0 .. t + S - T alone
  double scale;              ///< of the products
  DropoutMask dropout;       ///< threshold 0: none
  double keep_scale;         ///< of weights that dropout keeps

  /// The number of keys that query t of head `head` (of all sentences) sees.
  std::int64_t visible(std::int64_t head, std::int64_t t) const;
  /// Applies dropout to the weights that query t of head `head` gives to the first n keys.
  template <class Real>
  void drop(std::int64_t head, std::int64_t t, const Real* from, Real* to, std::int64_t n) const;
};

/// y [N, T, dv] for q [N, T, d], k [N, S, d], v [N, S, dv], N heads of all sentences.
template <class T>
void attention(const AttentionShape& shape, std::int64_t N, const T* q, const T* k, const T* v,
               T* y);

/// The gradients dq, dk and dv given that of y; dk and dv must be zero before.
template <class T>
void attention_backward(const AttentionShape& shape, std::int64_t N, const T* q, const T* k,
                        const T* v, const T* g, T* dq, T* dk, T* dv);

}  // namespace weft::kernels
