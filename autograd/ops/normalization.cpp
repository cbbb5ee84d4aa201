#include <algorithm>
#include <cmath>

#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/composed.hpp"
#include "autograd/tape.hpp"

/// Normalization: a fast kernel for the first derivative, elementary ops for higher ones.
namespace weft {
namespace {

/// N rows of D elements.
struct Rows {
  std::int64_t N, D;
};

/// In elementary ops; 1 / sigma = e^(-ln(sigma^2) / 2).
Tensor composed_layer_norm(const Tensor& x, const Tensor& w, const Tensor& b, double eps) {
  const Tensor centered = x - mean(x, {-1}, true);
  const Tensor variance = mean(centered * centered, {-1}, true);  // [..., 1]
  return centered * exp(log(variance + eps) * -0.5) * w + b;
}

/// Computes y [N, D], and mu and 1 / sigma of each row, [N, 2], for the backward pass.
template <class T>
void layer_norm_forward(const T* x, const T* w, const T* b, T eps, T* y, T* moments, Rows rows) {
  const auto row = kernels::vector_kernels<T>().layer_norm;
  const std::int64_t D = rows.D;
  parallel_for(rows.N, rows.N * D * 4, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      row(x + n * D, w, b, eps, y + n * D, moments + 2 * n, D);
    }
  });
}

constexpr std::int64_t kRowsTogether = 64;  // that add to one partial sum of dw and db

/// Computes dx [N, D], and dw and db summed over each kRowsTogether rows, [N / kRowsTogether, D].
template <class T>
void layer_norm_backward(const T* g, const T* x, const T* w, const T* moments, T* dx, T* dw, T* db,
                         Rows rows) {
  const auto row = kernels::vector_kernels<T>().layer_norm_backward;
  const std::int64_t D = rows.D;
  const std::int64_t parts = (rows.N + kRowsTogether - 1) / kRowsTogether;
  parallel_for(parts, rows.N * D * 6, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin * kRowsTogether; n < std::min(end * kRowsTogether, rows.N); ++n) {
      const std::int64_t part = n / kRowsTogether;
      row(g + n * D, x + n * D, w, moments + 2 * n, dx + n * D, dw + part * D, db + part * D, D);
    }
  });
}

}  // namespace

// Layer normalization (Ba et al. 2016, arXiv:1607.06450, eq. 4), applied to each row x [D]
// separately:
//
//   mu = 1/D sum_j x_j,  sigma^2 = 1/D sum_j (x_j - mu)^2 + eps,  n = (x - mu) / sigma
//   y = n w + b
//
// With d = g w:  dx = (d - mean(d) - n mean(d n)) / sigma,  dw = sum g n,  db = sum g,
// with sums over all rows.
namespace {
const Op layer_norm_op(
    "layer_norm",
    [](Sampler& s) -> Sample {
      Shape shape = s.shape(0, 3);
      const std::int64_t D = s.size();
      shape.push_back(D);
      // A small eps would make the function too steep for finite differences where elements are
      // close.
      const double eps = s.coin() ? 0.1 : 1;
      return {{s.normal(shape), s.normal({D}), s.normal({D})},
              [eps](const auto& x) { return layer_norm(x[0], x[1], x[2], eps); }};
    },
    {{[] {
        layer_norm(zeros({2, 3}), ones({2}), zeros({3}));
      },
      "layer_norm: wrong shape of weight; got [2]; expected [3]"},
     {[] {
        layer_norm(zeros({2, 3}), ones({3}), zeros({1}));
      },
      "layer_norm: wrong shape of bias; got [1]; expected [3]"},
     {[] {
        layer_norm(zeros({2, 0}), ones({0}), zeros({0}));
      },
      "layer_norm: wrong shape of input; got [2, 0]; expected [..., D] with D >= 1"},
     {[] {
        layer_norm(zeros({2, 3}), ones({3}), zeros({3}), -1);
      },
      "layer_norm: eps out of range; got -1; expected a finite number >= 0"},
     {[] { layer_norm(zeros({3}), ones({3}, DType::float64), zeros({3})); },
      "layer_norm: dtypes differ; got float32 and float64; hint: convert one with to()"}});
}
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, double eps) {
  if (x.dim() == 0 || x.size(-1) == 0) {
    fail("layer_norm: wrong shape of input; got {}; expected [..., D] with D >= 1", x.shape());
  }
  if (!(eps >= 0 && std::isfinite(eps))) {
    fail("layer_norm: eps out of range; got {}; expected a finite number >= 0", eps);
  }
  const Rows rows{x.numel() / x.size(-1), x.size(-1)};
  ops::check_shape("layer_norm", "weight", weight, {rows.D});
  ops::check_shape("layer_norm", "bias", bias, {rows.D});
  ops::check_same_dtype("layer_norm", x, weight);
  ops::check_same_dtype("layer_norm", x, bias);
  Tensor y = empty(x.shape(), x.dtype());
  Tensor moments = empty({rows.N, 2}, x.dtype());
  dispatch_floating("layer_norm", x.dtype(), [&]<class T>() {
    layer_norm_forward(x.data<T>().data(), weight.data<T>().data(), bias.data<T>().data(),
                       static_cast<T>(eps), y.mutable_data<T>().data(),
                       moments.mutable_data<T>().data(), rows);
  });
  return record(layer_norm_op, {x, weight, bias}, y,
                [x = Saved(x), weight = Saved(weight), bias = Saved(bias), moments, eps,
                 rows](const Backward& backward) -> Gradients {
                  if (grad_enabled()) {
                    const auto composed = [&](const std::vector<Tensor>& t) {
                      return std::vector{composed_layer_norm(t[0], t[1], t[2], eps)};
                    };
                    return composed_gradients(composed, {*x, *weight, *bias}, backward);
                  }
                  const Tensor& g = backward.grad();
                  Tensor dx = empty(g.shape(), g.dtype());
                  // Summed over the parts by the engine.
                  const Shape parts = {(rows.N + kRowsTogether - 1) / kRowsTogether, rows.D};
                  Tensor dw = zeros(parts, g.dtype());
                  Tensor db = zeros(parts, g.dtype());
                  dispatch_floating("layer_norm", g.dtype(), [&]<class T>() {
                    layer_norm_backward(g.data<T>().data(), (*x).data<T>().data(),
                                        (*weight).data<T>().data(), moments.data<T>().data(),
                                        dx.mutable_data<T>().data(), dw.mutable_data<T>().data(),
                                        db.mutable_data<T>().data(), rows);
                  });
                  return {dx, dw, db};
                });
}

}  // namespace weft
