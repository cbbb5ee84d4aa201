#include <cmath>

#include "autograd/kernels/attention.hpp"
#include "autograd/kernels/gemm.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/composed.hpp"
#include "autograd/tape.hpp"

/// The attention of Transformers: products, mask, softmax and dropout as a single op.
namespace weft {
namespace {

constexpr std::string_view kName = "scaled_dot_product_attention";

/// The arguments besides query, key and value, and all sizes.
struct Attention {
  kernels::AttentionShape shape;
  std::int64_t B;
  Saved lengths;

  std::int64_t heads() const { return B * shape.heads; }  // of all sentences
  /// The shape with the lengths where they are now.
  kernels::AttentionShape located() const {
    kernels::AttentionShape located = shape;
    located.seen = (*lengths).defined() ? (*lengths).data<std::int64_t>().data() : nullptr;
    return located;
  }
};

void check_lengths(const Tensor& lengths, std::int64_t B, std::int64_t S) {
  if (!lengths.defined()) {
    return;
  }
  ops::check_dtype(kName, "lengths", lengths, DType::int64);
  ops::check_shape(kName, "lengths", lengths, {B});
  for (const std::int64_t length : lengths.data<std::int64_t>()) {
    if (length < 0 || length > S) {
      fail("{}: length out of range; got {}; expected [0, {}]", kName, length, S);
    }
  }
}

Attention check(const Tensor& query, const Tensor& key, const Tensor& value,
                const AttentionOptions& options) {
  ops::check_rank(kName, "query", query, 4);
  ops::check_rank(kName, "key", key, 4);
  ops::check_rank(kName, "value", value, 4);
  if (!is_floating(query.dtype())) {
    fail("{}: unsupported dtype; got {}", kName, name(query.dtype()));
  }
  ops::check_same_dtype(kName, query, key);
  ops::check_same_dtype(kName, query, value);
  const std::int64_t B = query.size(0);
  const std::int64_t heads = query.size(1);
  const std::int64_t T = query.size(2);
  const std::int64_t d = query.size(3);
  const std::int64_t S = key.size(2);
  ops::check_shape(kName, "key", key, {B, heads, S, d});
  ops::check_shape(kName, "value", value, {B, heads, S, value.size(3)});
  check_lengths(options.lengths, B, S);
  if (options.causal && S < T) {
    fail("{}: fewer keys than queries, and causal; got {} and {}; expected at least as many", kName,
         S, T);
  }
  if (options.causal && options.lengths.defined() && S != T) {
    fail("{}: causal with lengths; got {} keys for {} queries; expected as many", kName, S, T);
  }
  const double scale = options.scale.value_or(1 / std::sqrt(static_cast<double>(d)));
  if (d > 0 && !std::isfinite(scale)) {
    fail("{}: scale out of range; got {}; expected a finite number", kName, scale);
  }
  Generator& generator = options.generator != nullptr ? *options.generator : default_generator();
  return {{.heads = heads,
           .T = T,
           .S = S,
           .d = d,
           .dv = value.size(3),
           .seen = nullptr,
           .causal = options.causal,
           .scale = scale,
           .dropout = ops::draw_dropout(kName, options.dropout, generator),
           .keep_scale = 1 / (1 - options.dropout)},
          B,
          Saved(options.lengths)};
}

/// Whether keys are hidden from queries, [B, heads, T, S].
Tensor hidden_keys(const Attention& attention) {
  const kernels::AttentionShape shape = attention.located();
  Tensor hidden = zeros({attention.B, shape.heads, shape.T, shape.S}, DType::boolean);
  bool* row = hidden.mutable_data<bool>().data();
  for (std::int64_t i = 0; i < attention.heads() * shape.T; ++i, row += shape.S) {
    const std::int64_t seen = shape.visible(i / shape.T, i % shape.T);
    std::fill(row + std::max<std::int64_t>(seen, 0), row + shape.S, true);
  }
  return hidden;
}

/// What dropout multiplies the weights with, [B, heads, T, S].
Tensor dropout_factors(const Attention& attention, DType dtype) {
  const kernels::AttentionShape shape = attention.located();
  Tensor factors = ones({attention.B, shape.heads, shape.T, shape.S}, dtype);
  dispatch_floating(kName, dtype, [&]<class T>() {
    T* row = factors.mutable_data<T>().data();
    for (std::int64_t i = 0; i < attention.heads() * shape.T; ++i, row += shape.S) {
      shape.drop(i / shape.T, i % shape.T, row, row, shape.S);
    }
  });
  return factors;
}

/// x [B, heads, S, ...] with zeros in place of keys or values that no query sees, which may be NaN.
Tensor without_padding(const Tensor& x, const Attention& attention) {
  if (!(*attention.lengths).defined()) {
    return x;
  }
  Tensor padding = zeros({attention.B, 1, attention.shape.S, 1}, DType::boolean);
  bool* sentence = padding.mutable_data<bool>().data();
  for (const std::int64_t length : (*attention.lengths).data<std::int64_t>()) {
    std::fill(sentence + length, sentence + attention.shape.S, true);
    sentence += attention.shape.S;
  }
  return masked_fill(x, padding, 0);
}

/// Attention in elementary ops. A query that sees no key has equal weights first, then none.
Tensor composed(const Tensor& query, const Tensor& key, const Tensor& value,
                const Attention& attention) {
  constexpr double kFarBelow = -1e30;  // e^ of it is 0, and it is no infinity
  const kernels::AttentionShape& shape = attention.shape;
  const Tensor hidden = hidden_keys(attention);
  const std::int64_t N = attention.heads();
  const Tensor keys = reshape(without_padding(key, attention), {N, shape.S, shape.d});
  const Tensor values = reshape(without_padding(value, attention), {N, shape.S, shape.dv});
  const Tensor scores = matmul(reshape(query, {N, shape.T, shape.d}) * shape.scale,
                               transpose(keys, 1, 2));  // [N, T, S]
  const Tensor seen = masked_fill(reshape(scores, hidden.shape()), hidden, kFarBelow);
  Tensor weights = masked_fill(softmax(seen, -1), hidden, 0);
  if (shape.dropout.threshold > 0) {
    weights = weights * dropout_factors(attention, query.dtype());
  }
  const Tensor y = matmul(reshape(weights, {N, shape.T, shape.S}), values);  // [N, T, dv]
  return reshape(y, {attention.B, shape.heads, shape.T, shape.dv});
}

/// The gradients by the fast kernel.
Gradients gradients(const Tensor& query, const Tensor& key, const Tensor& value,
                    const Attention& attention, const Tensor& g) {
  const kernels::AttentionShape shape = attention.located();
  const std::int64_t N = attention.heads();
  GemmLog::note({shape.T, shape.S, shape.d, false, true, false, N});
  GemmLog::note({shape.T, shape.S, shape.dv, false, true, false, N});
  GemmLog::note({shape.T, shape.d, shape.S, false, false, false, N});
  GemmLog::note({shape.S, shape.d, shape.T, true, false, true, N});
  GemmLog::note({shape.S, shape.dv, shape.T, true, false, true, N});
  Tensor dq = empty(query.shape(), g.dtype());
  Tensor dk = zeros(key.shape(), g.dtype());
  Tensor dv = zeros(value.shape(), g.dtype());
  dispatch_floating(kName, g.dtype(), [&]<class T>() {
    kernels::attention_backward(shape, N, query.data<T>().data(), key.data<T>().data(),
                                value.data<T>().data(), g.data<T>().data(),
                                dq.mutable_data<T>().data(), dk.mutable_data<T>().data(),
                                dv.mutable_data<T>().data());
  });
  return {dq, dk, dv};
}

}  // namespace

// For each sentence and head, with the keys s that query t sees:
//
//   a_ts = softmax_s(scale q_t . k_s),  y_t = sum_s a_ts v_s    (Vaswani et al. 2017,
//                                                               arXiv:1706.03762, eq. 1)
//
// Dropout applies to a. The weights a are computed again for the gradient (kernels/attention.cpp
// has the equations), as in Dao et al. 2022, arXiv:2205.14135, section 3.1.
namespace {
const Op attention_op(
    std::string(kName),
    [](Sampler& s) -> Sample {
      const std::int64_t B = s.size(0, 3);
      const std::int64_t heads = s.size(1, 2);
      const std::int64_t T = s.size(0, 4);
      const std::int64_t S = T + s.size(0, 2);
      const std::int64_t d = s.size(1, 3);
      AttentionOptions options;
      options.causal = s.coin();
      if (s.coin() && (!options.causal || S == T)) {
        options.lengths = s.ids({B}, S + 1);
      }
      options.dropout = s.coin() ? 0.3 : 0;
      if (s.coin()) {
        options.scale = 0.5;
      }
      return {{s.normal({B, heads, T, d}), s.normal({B, heads, S, d}),
               s.normal({B, heads, S, s.size(1, 3)})},
              [options](const auto& x) {
                Generator generator(7);  // the same mask in every call
                AttentionOptions drawn = options;
                drawn.generator = &generator;
                return scaled_dot_product_attention(x[0], x[1], x[2], drawn);
              }};
    },
    {{[] {
        scaled_dot_product_attention(zeros({1, 1, 2, 3}), zeros({1, 1, 2, 4}), zeros({1, 1, 2, 3}));
      },
      "scaled_dot_product_attention: wrong shape of key; got [1, 1, 2, 4]; expected [1, 1, 2, 3]"},
     {[] {
        scaled_dot_product_attention(zeros({1, 1, 2, 3}), zeros({1, 1, 2, 3}), zeros({1, 1, 3, 3}));
      },
      "scaled_dot_product_attention: wrong shape of value; got [1, 1, 3, 3]; expected [1, 1, 2, "
      "3]"},
     {[] {
        scaled_dot_product_attention(zeros({2, 3}), zeros({2, 3}), zeros({2, 3}));
      },
      "scaled_dot_product_attention: wrong rank of query; got shape [2, 3]; expected 4 dimensions"},
     {[] {
        const Tensor x = zeros({1, 1, 2, 3});
        scaled_dot_product_attention(x, x, x, {.lengths = tensor<std::int64_t>({3}, {1})});
      },
      "scaled_dot_product_attention: length out of range; got 3; expected [0, 2]"},
     {[] {
        const Tensor x = zeros({1, 1, 2, 3});
        scaled_dot_product_attention(zeros({1, 1, 3, 3}), x, x, {.causal = true});
      },
      "scaled_dot_product_attention: fewer keys than queries, and causal; got 2 and 3; expected "
      "at least as many"},
     {[] {
        const Tensor x = zeros({1, 1, 2, 3});
        scaled_dot_product_attention(zeros({1, 1, 1, 3}), x, x,
                                     {.lengths = tensor<std::int64_t>({2}, {1}), .causal = true});
      },
      "scaled_dot_product_attention: causal with lengths; got 2 keys for 1 queries; expected as "
      "many"},
     {[] {
        const Tensor x = zeros({1, 1, 2, 3});
        scaled_dot_product_attention(x, x, x, {.scale = INFINITY});
      },
      "scaled_dot_product_attention: scale out of range; got inf; expected a finite number"},
     {[] {
        const Tensor x = zeros({1, 1, 2, 3}, DType::int64);
        scaled_dot_product_attention(x, x, x);
      },
      "scaled_dot_product_attention: unsupported dtype; got int64"},
     {[] {
        const Tensor x = zeros({1, 1, 2, 3});
        scaled_dot_product_attention(x, x, x, {.dropout = 1});
      },
      "scaled_dot_product_attention: probability out of range; got 1; expected [0, 1)"}});
}
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options) {
  const Attention attention = check(query, key, value, options);
  const kernels::AttentionShape shape = attention.located();
  const std::int64_t N = attention.heads();
  GemmLog::note({shape.T, shape.S, shape.d, false, true, false, N});
  GemmLog::note({shape.T, shape.dv, shape.S, false, false, false, N});
  Tensor y = empty({attention.B, shape.heads, shape.T, shape.dv}, query.dtype());
  dispatch_floating(kName, query.dtype(), [&]<class T>() {
    kernels::attention(shape, N, query.data<T>().data(), key.data<T>().data(),
                       value.data<T>().data(), y.mutable_data<T>().data());
  });
  return record(attention_op, {query, key, value}, y,
                [query = Saved(query), key = Saved(key), value = Saved(value),
                 attention](const Backward& backward) -> Gradients {
                  if (grad_enabled()) {
                    const auto in_ops = [&](const std::vector<Tensor>& x) {
                      return std::vector{composed(x[0], x[1], x[2], attention)};
                    };
                    return composed_gradients(in_ops, {*query, *key, *value}, backward);
                  }
                  return gradients(*query, *key, *value, attention, backward.grad());
                });
}

}  // namespace weft
