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

constexpr std::int64_t kRowsTogether = 64;  // that add to one partial sum of dw and db

/// N rows of D elements.
struct Rows {
  std::int64_t N, D;
  std::int64_t parts() const { return (N + kRowsTogether - 1) / kRowsTogether; }
};

/// Throws Error if the arguments do not fit; returns the rows of x.
Rows check(std::string_view where, const Tensor& x, const Tensor& weight, double eps) {
  if (x.dim() == 0 || x.size(-1) == 0) {
    fail("{}: wrong shape of input; got {}; expected [..., D] with D >= 1", where, x.shape());
  }
  if (!(eps >= 0 && std::isfinite(eps))) {
    fail("{}: eps out of range; got {}; expected a finite number >= 0", where, eps);
  }
  const Rows rows{x.numel() / x.size(-1), x.size(-1)};
  ops::check_shape(where, "weight", weight, {rows.D});
  ops::check_same_dtype(where, x, weight);
  return rows;
}

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

/// Calls f(row, its part) for rows that add to `rows.parts()` partial sums, each of kRowsTogether
/// rows.
template <class F>
void for_rows(Rows rows, std::int64_t work, F f) {
  parallel_for(rows.parts(), work, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin * kRowsTogether; n < std::min(end * kRowsTogether, rows.N); ++n) {
      f(n, n / kRowsTogether);
    }
  });
}

/// Computes dx [N, D], and dw and db summed over each kRowsTogether rows, [N / kRowsTogether, D].
template <class T>
void layer_norm_backward(const T* g, const T* x, const T* w, const T* moments, T* dx, T* dw, T* db,
                         Rows rows) {
  const auto row = kernels::vector_kernels<T>().layer_norm_backward;
  const std::int64_t D = rows.D;
  for_rows(rows, rows.N * D * 6, [=](std::int64_t n, std::int64_t part) {
    row(g + n * D, x + n * D, w, moments + 2 * n, dx + n * D, dw + part * D, db + part * D, D);
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
  const Rows rows = check("layer_norm", x, weight, eps);
  ops::check_shape("layer_norm", "bias", bias, {rows.D});
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
                  Tensor dw = zeros({rows.parts(), rows.D}, g.dtype());
                  Tensor db = zeros({rows.parts(), rows.D}, g.dtype());
                  dispatch_floating("layer_norm", g.dtype(), [&]<class T>() {
                    layer_norm_backward(g.data<T>().data(), (*x).data<T>().data(),
                                        (*weight).data<T>().data(), moments.data<T>().data(),
                                        dx.mutable_data<T>().data(), dw.mutable_data<T>().data(),
                                        db.mutable_data<T>().data(), rows);
                  });
                  return {dx, dw, db};
                });
}

// Root mean square normalization (Zhang and Sennrich 2019, arXiv:1910.07467, eq. 4):
//
//   sigma^2 = 1/D sum_j x_j^2 + eps,  n = x / sigma,  y = n w
//
// With d = g w:  dx = (d - n mean(d n)) / sigma,  dw = sum g n over all rows.
namespace {
const Op rms_norm_op("rms_norm",
                     [](Sampler& s) -> Sample {
                       Shape shape = s.shape(0, 3);
                       const std::int64_t D = s.size();
                       shape.push_back(D);
                       return {{s.normal(shape), s.normal({D})},
                               [](const auto& x) { return rms_norm(x[0], x[1], 0.1); }};
                     },
                     {{[] {
                         rms_norm(zeros({2, 3}), ones({2}));
                       },
                       "rms_norm: wrong shape of weight; got [2]; expected [3]"},
                      {[] {
                         rms_norm(zeros({2, 0}), ones({0}));
                       },
                       "rms_norm: wrong shape of input; got [2, 0]; expected [..., D] with D >= 1"},
                      {[] {
                         rms_norm(zeros({2, 3}), ones({3}), -1);
                       },
                       "rms_norm: eps out of range; got -1; expected a finite number >= 0"}});

Tensor composed_rms_norm(const Tensor& x, const Tensor& w, double eps) {
  return x * exp(log(mean(x * x, {-1}, true) + eps) * -0.5) * w;
}
}  // namespace
Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps) {
  const Rows rows = check("rms_norm", x, weight, eps);
  Tensor y = empty(x.shape(), x.dtype());
  Tensor scales = empty({rows.N}, x.dtype());
  dispatch_floating("rms_norm", x.dtype(), [&]<class T>() {
    const auto row = kernels::vector_kernels<T>().rms_norm;
    const T* const from = x.data<T>().data();
    const T* const w = weight.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    T* const scale = scales.mutable_data<T>().data();
    parallel_for(rows.N, rows.N * rows.D * 4, [=](std::int64_t begin, std::int64_t end) {
      for (std::int64_t n = begin; n < end; ++n) {
        row(from + n * rows.D, w, static_cast<T>(eps), to + n * rows.D, scale + n, rows.D);
      }
    });
  });
  return record(
      rms_norm_op, {x, weight}, y,
      [x = Saved(x), weight = Saved(weight), scales, eps,
       rows](const Backward& backward) -> Gradients {
        if (grad_enabled()) {
          const auto composed = [&](const std::vector<Tensor>& t) {
            return std::vector{composed_rms_norm(t[0], t[1], eps)};
          };
          return composed_gradients(composed, {*x, *weight}, backward);
        }
        const Tensor& g = backward.grad();
        Tensor dx = empty(g.shape(), g.dtype());
        Tensor dw = zeros({rows.parts(), rows.D}, g.dtype());  // summed by the engine
        dispatch_floating("rms_norm", g.dtype(), [&]<class T>() {
          const auto row = kernels::vector_kernels<T>().rms_norm_backward;
          const std::int64_t D = rows.D;
          for_rows(rows, rows.N * D * 5,
                   [=, gy = g.data<T>().data(), from = (*x).data<T>().data(),
                    w = (*weight).data<T>().data(), scale = scales.data<T>().data(),
                    to = dx.mutable_data<T>().data(),
                    sums = dw.mutable_data<T>().data()](std::int64_t n, std::int64_t part) {
                     row(gy + n * D, from + n * D, w, scale[n], to + n * D, sums + part * D, D);
                   });
        });
        return {dx, dw};
      });
}

}  // namespace weft
