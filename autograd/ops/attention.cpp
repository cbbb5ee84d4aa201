#include <algorithm>
#include <initializer_list>

#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/composed.hpp"
#include "autograd/tape.hpp"

/// The two halves of attention: the scores, and the weighted sum of the values. Masking and softmax
/// come between them. Sequences are time-major, so s is the outer dimension.
namespace weft {
namespace {

struct Sizes {
  std::int64_t S, B, A;
};

/// Which column of the keys or values each of N rows reads: its own, or one from a list.
struct Columns {
  const std::int64_t* list;  // null: row n reads column n
  std::int64_t N;
  std::int64_t of(std::int64_t n) const { return list == nullptr ? n : list[n]; }
};

/// Checks `rows`, which may be undefined, against B columns. Throws Error if it does not fit.
Columns columns(std::string_view where, const Tensor& rows, std::int64_t B) {
  if (!rows.defined()) {
    return {nullptr, B};
  }
  ops::check_rank(where, "rows", rows, 1);
  ops::check_ids(where, rows, B);
  return {rows.data<std::int64_t>().data(), rows.size(0)};
}

/// Whether an op on these inputs is recorded.
bool recorded(std::initializer_list<Tensor> inputs) {
  return grad_enabled() &&
         std::ranges::any_of(inputs, [](const Tensor& input) { return input.requires_grad(); });
}

template <class T>
void score_forward(const T* q, const T* k, const T* v, T* scores, Sizes sizes, Columns columns,
                   Energy energy) {
  const auto [S, B, A] = sizes;
  const std::int64_t N = columns.N;
  const auto& kernels = kernels::vector_kernels<T>();
  const auto score = energy == Energy::tanh ? kernels.tanh_score : kernels.relu_score;
  parallel_for(S * N, S * N * A * 4, [=, B = B, A = A](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t n = i % N;
      scores[i] = score(q + n * A, k + (i / N * B + columns.of(n)) * A, v, A);
    }
  });
}

/// Processes one sentence b per block; `dv` has one row per sentence, summed by the caller.
template <class T>
void score_backward(const T* g, const T* q, const T* k, const T* v, T* dq, T* dk, T* dv,
                    Sizes sizes, Energy energy) {
  const auto [S, B, A] = sizes;
  const auto& kernels = kernels::vector_kernels<T>();
  const auto gradient =
      energy == Energy::tanh ? kernels.tanh_score_gradient : kernels.relu_score_gradient;
  parallel_for(B, S * B * A * 4, [=, S = S, B = B, A = A](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      for (std::int64_t s = 0; s < S; ++s) {
        const std::int64_t i = s * B + b;
        gradient(g[i], q + b * A, k + i * A, v, dq + b * A, dk + i * A, dv + b * A, A);
      }
    }
  });
}

Tensor composed_scores(const Tensor& query, const Tensor& keys, const Tensor& v, Energy energy) {
  const Tensor x = keys + query;  // [S, B, A]
  return sum((energy == Energy::tanh ? tanh(x) : relu(x)) * v, {-1});
}

}  // namespace

// e_sb = v . f(q_b + k_sb)    (Bahdanau et al. 2015, arXiv:1409.0473, appendix A.1.2: f = tanh)
// With y = f(q_b + k_sb): dk_sb = g_sb v f'(y),  dq_b = sum_s dk_sb,  dv = sum_sb g_sb y.
// The backward pass recomputes y: reading it back from memory would cost more.
namespace {
const Op additive_scores_op(
    "additive_scores",
    [](Sampler& s) -> Sample {
      const std::int64_t S = s.size(0, 4);
      const std::int64_t B = s.size(1, 4);
      const std::int64_t A = s.size(1, 4);
      if (s.coin()) {
        return {{s.normal({B, A}), s.normal({S, B, A}), s.normal({A})},
                [](const auto& x) { return additive_scores(x[0], x[1], x[2], Energy::tanh); }};
      }
      // q + k stays away from relu's kink: |k| > 2 > |q|
      return {{s.uniform({B, A}, -1.9, 1.9), s.away_from_zero({S, B, A}, 2), s.normal({A})},
              [](const auto& x) { return additive_scores(x[0], x[1], x[2], Energy::relu); }};
    },
    {{[] {
        additive_scores(zeros({2, 3}), zeros({4, 2, 5}), zeros({5}), Energy::tanh);
      },
      "additive_scores: wrong shape of query; got [2, 3]; expected [2, 5]"},
     {[] {
        additive_scores(zeros({2, 3}), zeros({4, 2, 3}), zeros({2}), Energy::tanh);
      },
      "additive_scores: wrong shape of v; got [2]; expected [3]"},
     {[] {
        additive_scores(zeros({2, 3}), zeros({2, 3}), zeros({3}), Energy::tanh);
      },
      "additive_scores: wrong rank of keys; got shape [2, 3]; expected 3 dimensions"}});
}
Tensor additive_scores(const Tensor& query, const Tensor& keys, const Tensor& v, Energy energy,
                       const Tensor& rows) {
  ops::check_rank("additive_scores", "keys", keys, 3);
  if (rows.defined() && recorded({query, keys, v})) {
    return additive_scores(query, index_select(keys, 1, rows), v, energy);
  }
  const Sizes sizes{keys.size(0), keys.size(1), keys.size(2)};
  const Columns read = columns("additive_scores", rows, sizes.B);
  ops::check_shape("additive_scores", "query", query, {read.N, sizes.A});
  ops::check_shape("additive_scores", "v", v, {sizes.A});
  ops::check_same_dtype("additive_scores", keys, query);
  ops::check_same_dtype("additive_scores", keys, v);
  Tensor scores = empty({sizes.S, read.N}, keys.dtype());
  dispatch_floating("additive_scores", keys.dtype(), [&]<class T>() {
    score_forward(query.data<T>().data(), keys.data<T>().data(), v.data<T>().data(),
                  scores.mutable_data<T>().data(), sizes, read, energy);
  });
  return record(additive_scores_op, {query, keys, v}, scores,
                [query = Saved(query), keys = Saved(keys), v = Saved(v), energy,
                 sizes](const Backward& backward) -> Gradients {
                  if (grad_enabled()) {
                    const auto composed = [&](const std::vector<Tensor>& x) {
                      return std::vector{composed_scores(x[0], x[1], x[2], energy)};
                    };
                    return composed_gradients(composed, {*query, *keys, *v}, backward);
                  }
                  const Tensor& g = backward.grad();
                  Tensor dq = zeros_like(*query);
                  Tensor dk = empty((*keys).shape(), g.dtype());
                  Tensor dv = zeros_like(*query);  // one row per sentence
                  dispatch_floating("additive_scores", g.dtype(), [&]<class T>() {
                    score_backward(g.data<T>().data(), (*query).data<T>().data(),
                                   (*keys).data<T>().data(), (*v).data<T>().data(),
                                   dq.mutable_data<T>().data(), dk.mutable_data<T>().data(),
                                   dv.mutable_data<T>().data(), sizes, energy);
                  });
                  return {dq, dk, sum(dv, {0})};
                });
}

// e_sb = q_b . k_sb;  dq_b = sum_s g_sb k_sb,  dk_sb = g_sb q_b
namespace {

template <class T>
void dot_forward(const T* q, const T* k, T* scores, Sizes sizes, Columns columns) {
  const auto [S, B, A] = sizes;
  const std::int64_t N = columns.N;
  const auto dot = kernels::vector_kernels<T>().dot;
  parallel_for(S * N, S * N * A, [=, B = B, A = A](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t n = i % N;
      scores[i] = dot(q + n * A, k + (i / N * B + columns.of(n)) * A, A);
    }
  });
}

const Op dot_scores_op(
    "dot_scores",
    [](Sampler& s) -> Sample {
      const std::int64_t B = s.size(0, 4);
      const std::int64_t A = s.size(1, 4);
      return {{s.normal({B, A}), s.normal({s.size(0, 4), B, A})},
              [](const auto& x) { return dot_scores(x[0], x[1]); }};
    },
    {{[] {
        dot_scores(zeros({2, 3}), zeros({4, 2, 5}));
      },
      "dot_scores: wrong shape of query; got [2, 3]; expected [2, 5]"},
     {[] {
        dot_scores(zeros({2, 3}), zeros({2, 3}));
      },
      "dot_scores: wrong rank of keys; got shape [2, 3]; expected 3 dimensions"}});

}  // namespace
Tensor dot_scores(const Tensor& query, const Tensor& keys, const Tensor& rows) {
  ops::check_rank("dot_scores", "keys", keys, 3);
  if (rows.defined() && recorded({query, keys})) {
    return dot_scores(query, index_select(keys, 1, rows));
  }
  const Sizes sizes{keys.size(0), keys.size(1), keys.size(2)};
  const Columns read = columns("dot_scores", rows, sizes.B);
  ops::check_shape("dot_scores", "query", query, {read.N, sizes.A});
  ops::check_same_dtype("dot_scores", keys, query);
  Tensor scores = empty({sizes.S, read.N}, keys.dtype());
  dispatch_floating("dot_scores", keys.dtype(), [&]<class T>() {
    dot_forward(query.data<T>().data(), keys.data<T>().data(), scores.mutable_data<T>().data(),
                sizes, read);
  });
  return record(
      dot_scores_op, {query, keys}, scores,
      [query = Saved(query), keys = Saved(keys), sizes](const Backward& backward) -> Gradients {
        const Tensor& g = backward.grad();
        return {weighted_sum(g, *keys), reshape(g, {sizes.S, sizes.B, 1}) * *query};
      });
}

// c_b = sum_s w_sb x_sb;  dw_sb = g_b . x_sb,  dx_sb = w_sb g_b
namespace {

template <class T>
void weighted_sum_forward(const T* w, const T* x, T* c, Sizes sizes, Columns columns) {
  const auto [S, B, D] = sizes;
  const std::int64_t N = columns.N;
  const auto axpy = kernels::vector_kernels<T>().axpy;
  parallel_for(N, S * N * D, [=, S = S, B = B, D = D](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      for (std::int64_t s = 0; s < S; ++s) {
        axpy(w[s * N + n], x + (s * B + columns.of(n)) * D, c + n * D, D);
      }
    }
  });
}

template <class T>
void weighted_sum_backward(const T* g, const T* w, const T* x, T* dw, T* dx, Sizes sizes) {
  const auto [S, B, D] = sizes;
  const auto dot = kernels::vector_kernels<T>().dot;
  parallel_for(S * B, S * B * D, [=, B = B, D = D](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const T* const gb = g + i % B * D;
      dw[i] = dot(gb, x + i * D, D);
      for (std::int64_t d = 0; d < D; ++d) {
        dx[i * D + d] = w[i] * gb[d];
      }
    }
  });
}

const Op weighted_sum_op(
    "weighted_sum",
    [](Sampler& s) -> Sample {
      const std::int64_t S = s.size(0, 4);
      const std::int64_t B = s.size(0, 4);
      return {{s.normal({S, B}), s.normal({S, B, s.size(1, 4)})},
              [](const auto& x) { return weighted_sum(x[0], x[1]); }};
    },
    {{[] {
        weighted_sum(zeros({2, 3}), zeros({2, 4, 5}));
      },
      "weighted_sum: wrong shape of weights; got [2, 3]; expected [2, 4]"},
     {[] {
        weighted_sum(zeros({2, 3}), zeros({2, 3}));
      },
      "weighted_sum: wrong rank of values; got shape [2, 3]; expected 3 dimensions"}});

}  // namespace
Tensor weighted_sum(const Tensor& weights, const Tensor& values, const Tensor& rows) {
  ops::check_rank("weighted_sum", "values", values, 3);
  if (rows.defined() && recorded({weights, values})) {
    return weighted_sum(weights, index_select(values, 1, rows));
  }
  const Sizes sizes{values.size(0), values.size(1), values.size(2)};
  const Columns read = columns("weighted_sum", rows, sizes.B);
  ops::check_shape("weighted_sum", "weights", weights, {sizes.S, read.N});
  ops::check_same_dtype("weighted_sum", values, weights);
  Tensor c = zeros({read.N, sizes.A}, values.dtype());
  dispatch_floating("weighted_sum", values.dtype(), [&]<class T>() {
    weighted_sum_forward(weights.data<T>().data(), values.data<T>().data(),
                         c.mutable_data<T>().data(), sizes, read);
  });
  return record(weighted_sum_op, {weights, values}, c,
                [weights = Saved(weights), values = Saved(values),
                 sizes](const Backward& backward) -> Gradients {
                  const Tensor& g = backward.grad();
                  if (grad_enabled()) {
                    return {dot_scores(g, *values), reshape(*weights, {sizes.S, sizes.B, 1}) * g};
                  }
                  Tensor dw = empty((*weights).shape(), g.dtype());
                  Tensor dx = empty((*values).shape(), g.dtype());
                  dispatch_floating("weighted_sum", g.dtype(), [&]<class T>() {
                    weighted_sum_backward(g.data<T>().data(), (*weights).data<T>().data(),
                                          (*values).data<T>().data(), dw.mutable_data<T>().data(),
                                          dx.mutable_data<T>().data(), sizes);
                  });
                  return {dw, dx};
                });
}

}  // namespace weft
