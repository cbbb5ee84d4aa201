#include "autograd/kernels/attention.hpp"

#include <algorithm>
#include <limits>

#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/workspace.hpp"

namespace weft::kernels {

std::int64_t AttentionShape::visible(std::int64_t head, std::int64_t t) const {
  const std::int64_t all = seen == nullptr ? S : seen[head / heads];
  return causal ? std::min(all, t + S - T + 1) : all;
}

template <class Real>
void AttentionShape::drop(std::int64_t head, std::int64_t t, const Real* from, Real* to,
                          std::int64_t n) const {
  const std::int64_t blocks = (S + kDropoutBlock - 1) / kDropoutBlock;  // of a row of the mask
  vector_kernels<Real>().dropout(dropout, (head * T + t) * blocks * kDropoutBlock,
                                 static_cast<Real>(keep_scale), from, to, n);
}

namespace {

constexpr std::int64_t kQueries = 48;  // of a block: a multiple of the rows of a product
constexpr std::int64_t kKeys = 128;    // whose values are in the L1 cache

/// One head: packed keys and values, and buffers for a block of queries.
template <class T>
class Head {
 public:
  explicit Head(const AttentionShape& shape)
      : shape_(shape), queries_(kQueries * shape.d), weights_(kQueries * ld_) {}

  /// Chooses a head of the arrays of all.
  void open(std::int64_t head, const T* q, const T* k, const T* v) {
    head_ = head;
    q_ = q + head * shape_.T * shape_.d;
    k_ = k + head * shape_.S * shape_.d;
    v_ = v + head * shape_.S * shape_.dv;
    used_ = std::max<std::int64_t>(shape_.visible(head, shape_.T - 1), 0);
    pack_rows(k_, shape_.d, keys_by_row_);
  }

  void forward(T* all_y) {
    T* const y = all_y + head_ * shape_.T * shape_.dv;
    pack_columns(v_, shape_.dv, values_by_column_);
    for (std::int64_t t = 0; t < shape_.T; t += kQueries) {
      begin_block(t);
      if (drops()) {
        drop_rows(weights_);
      }
      times_columns(weights_, values_by_column_, shape_.dv, y + t * shape_.dv);
    }
  }

  // With the weights a before dropout and p after it:
  //   dv = p^T g,  dp = g v^T,  da = dropout of dp,  ds = a (da - sum a da),  dq = scale ds k,
  //   dk = ds^T (scale q)
  void backward(const T* all_g, T* all_dq, T* all_dk, T* all_dv) {
    const T* const g = all_g + head_ * shape_.T * shape_.dv;
    T* const dq = all_dq + head_ * shape_.T * shape_.d;
    T* const dk = all_dk + head_ * shape_.S * shape_.d;
    T* const dv = all_dv + head_ * shape_.S * shape_.dv;
    pack_rows(v_, shape_.dv, values_by_row_);
    pack_columns(k_, shape_.d, keys_by_column_);
    gradients_.reserve(kQueries * ld_);
    dropped_.reserve(drops() ? kQueries * ld_ : 0);
    turned_.reserve(kQueries * ld_);
    panels_.reserve(kQueries * std::max(padded(shape_.d), padded(shape_.dv)));
    for (std::int64_t t = 0; t < shape_.T; t += kQueries) {
      begin_block(t);
      const T* const gy = g + t * shape_.dv;
      times_rows(gy, shape_.dv, values_by_row_, gradients_);
      if (drops()) {
        std::copy_n(weights_.data(), rows_ * ld_, dropped_.data());
        drop_rows(dropped_);
        drop_rows(gradients_);
      }
      add_outer(drops() ? dropped_ : weights_, gy, shape_.dv, dv);
      for (std::int64_t r = 0; r < rows_; ++r) {
        T* const ds = gradients_.data() + r * ld_;
        const std::int64_t n = whole(seen(r));
        std::fill(ds + seen(r), ds + n, T{0});  // keys that it does not see may be anything
        kernels_.softmax_backward(weights_.data() + r * ld_, ds, ds, n);
        std::fill(ds + n, ds + ld_, T{0});
      }
      times_columns(gradients_, keys_by_column_, shape_.d, dq + t * shape_.d);
      scale(dq + t * shape_.d, dq + t * shape_.d);
      add_outer(gradients_, queries_.data(), shape_.d, dk);
    }
  }

 private:
  using Buffer = Workspace<T>;

  bool drops() const { return shape_.dropout.threshold > 0; }
  std::int64_t seen(std::int64_t row) const {
    return std::max<std::int64_t>(shape_.visible(head_, first_ + row), 0);
  }
  std::int64_t padded(std::int64_t n) const {
    return (n + kernels_.panel - 1) / kernels_.panel * kernels_.panel;
  }

  /// n up to a multiple of a vector, half a panel: loops and transpositions are fastest without a
  /// rest.
  std::int64_t whole(std::int64_t n) const {
    const std::int64_t lanes = kernels_.panel / 2;
    return (n + lanes - 1) / lanes * lanes;
  }

  /// Packs a matrix [keys, n] for products with its rows.
  void pack_rows(const T* x, std::int64_t n, Buffer& panels) const {
    panels.reserve(padded(shape_.S) * n);
    kernels_.pack(x, used_, n, n, 1, panels.data());
  }
  /// Packs a matrix [keys, n] for products with its columns, a block of kKeys keys at a time.
  void pack_columns(const T* x, std::int64_t n, Buffer& panels) const {
    panels.reserve(shape_.S * padded(n));
    for (std::int64_t s = 0; s < used_; s += kKeys) {
      kernels_.pack(x + s * n, n, std::min(kKeys, used_ - s), 1, n, panels.data() + s * padded(n));
    }
  }

  /// y[r, s] = x[r] . w[s] for the rows of the block and the keys in use; x is [rows, n]. Columns
  /// behind those keys, up to a whole panel, are 0.
  void times_rows(const T* x, std::int64_t n, const Buffer& panels, const Buffer& y) const {
    kernels_.packed_products(x, n, rows_, panels.data(), nullptr, 0, padded(block_), n, y.data(),
                             ld_);
  }
  /// y [rows, n] = x w, x [rows, keys].
  void times_columns(const Buffer& x, const Buffer& panels, std::int64_t n, T* y) const {
    std::fill_n(y, block_ == 0 ? rows_ * n : 0, T{0});
    for (std::int64_t s = 0; s < block_; s += kKeys) {
      kernels_.packed_products(x.data() + s, ld_, rows_, panels.data() + s * padded(n),
                               s == 0 ? nullptr : y, n, n, std::min(kKeys, used_ - s), y, n);
    }
  }
  /// y [keys, n] += x^T z, x [rows, keys], z [rows, n].
  void add_outer(const Buffer& x, const T* z, std::int64_t n, T* y) const {
    kernels_.transpose(x.data(), whole(rows_), ld_, whole(block_), turned_.data(), kQueries);
    kernels_.pack(z, n, rows_, 1, n, panels_.data());
    kernels_.packed_products(turned_.data(), kQueries, block_, panels_.data(), y, n, n, rows_, y,
                             n);
  }

  /// to [rows, d] = scale from
  void scale(const T* from, T* to) const {
    const T factor = static_cast<T>(shape_.scale);
#pragma omp simd
    for (std::int64_t i = 0; i < rows_ * shape_.d; ++i) {
      to[i] = factor * from[i];
    }
  }

  /// The weights of the queries from t on, before dropout; zeros behind the keys that each sees.
  void begin_block(std::int64_t t) {
    first_ = t;
    rows_ = std::min(kQueries, shape_.T - t);
    block_ = seen(rows_ - 1);
    scale(q_ + t * shape_.d, queries_.data());
    times_rows(queries_.data(), shape_.d, keys_by_row_, weights_);
    for (std::int64_t r = 0; r < rows_; ++r) {
      T* const row = weights_.data() + r * ld_;
      const std::int64_t n = whole(seen(r));
      std::fill(row + seen(r), row + n, -std::numeric_limits<T>::infinity());  // e^ of it is 0
      if (n > 0) {
        kernels_.softmax(row, row, n);
      }
      std::fill(row + n, row + ld_, T{0});
    }
  }

  void drop_rows(const Buffer& x) const {
    for (std::int64_t r = 0; r < rows_; ++r) {
      T* const row = x.data() + r * ld_;
      shape_.drop(head_, first_ + r, row, row, seen(r));
    }
  }

  const VectorKernels<T>& kernels_ = vector_kernels<T>();
  const AttentionShape& shape_;
  std::int64_t ld_ = padded(shape_.S);  // of the weights
  Buffer queries_;                      // [rows, d], scaled
  Buffer weights_;                      // [rows, ld]
  Buffer gradients_;                    // of the weights
  Buffer dropped_;                      // the weights after dropout
  Buffer keys_by_row_, keys_by_column_, values_by_row_, values_by_column_;
  Buffer turned_, panels_;  // factors of an outer product

  // The head
  std::int64_t head_ = 0;
  const T* q_ = nullptr;
  const T* k_ = nullptr;
  const T* v_ = nullptr;
  std::int64_t used_ = 0;  // keys that any query sees

  // The block of queries
  std::int64_t first_ = 0;
  std::int64_t rows_ = 0;
  std::int64_t block_ = 0;  // keys that any of its queries sees
};

/// Calls f for each of N heads; on one thread, all share the buffers of one object.
template <class T, class F>
void for_heads(const AttentionShape& shape, std::int64_t N, const T* q, const T* k, const T* v,
               F f) {
  const std::int64_t work = N * shape.T * shape.S * (shape.d + shape.dv) / kProductsPerElement;
  parallel_for(N, work, [&](std::int64_t begin, std::int64_t end) {
    Head<T> head(shape);
    for (std::int64_t i = begin; i < end; ++i) {
      head.open(i, q, k, v);
      f(head);
    }
  });
}

}  // namespace

template <class T>
void attention(const AttentionShape& shape, std::int64_t N, const T* q, const T* k, const T* v,
               T* y) {
  for_heads(shape, N, q, k, v, [=](Head<T>& head) { head.forward(y); });
}

template <class T>
void attention_backward(const AttentionShape& shape, std::int64_t N, const T* q, const T* k,
                        const T* v, const T* g, T* dq, T* dk, T* dv) {
  for_heads(shape, N, q, k, v, [=](Head<T>& head) { head.backward(g, dq, dk, dv); });
}

template void AttentionShape::drop(std::int64_t, std::int64_t, const float*, float*,
                                   std::int64_t) const;
template void AttentionShape::drop(std::int64_t, std::int64_t, const double*, double*,
                                   std::int64_t) const;
template void attention(const AttentionShape&, std::int64_t, const float*, const float*,
                        const float*, float*);
template void attention(const AttentionShape&, std::int64_t, const double*, const double*,
                        const double*, double*);
template void attention_backward(const AttentionShape&, std::int64_t, const float*, const float*,
                                 const float*, const float*, float*, float*, float*);
template void attention_backward(const AttentionShape&, std::int64_t, const double*, const double*,
                                 const double*, const double*, double*, double*, double*);

}  // namespace weft::kernels
