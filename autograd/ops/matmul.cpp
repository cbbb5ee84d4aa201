#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/product.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

/// Matrix products.
namespace weft {
namespace {

/// Row vectors as a matrix: [..., I] as [N, I].
Tensor rows(const Tensor& x) {
  const std::int64_t columns = x.size(-1);
  return reshape(
      x, {columns == 0 ? numel({x.shape().begin(), x.shape().end() - 1}) : x.numel() / columns,
          columns});
}

}  // namespace

// Y = A B;  dA = G B^T,  dB = A^T G
namespace {
const Op matmul_op(
    "matmul",
    [](Sampler& s) -> Sample {
      const std::int64_t m = s.size(0, 4);
      const std::int64_t k = s.size(0, 4);
      const std::int64_t n = s.size(1, 4);
      if (s.coin()) {
        return {{s.normal({m, k}), s.normal({k, n})},
                [](const auto& x) { return matmul(x[0], x[1]); }};
      }
      const std::int64_t batch = s.size(0, 3);
      return {{s.normal({batch, m, k}), s.normal({batch, k, n})},
              [](const auto& x) { return matmul(x[0], x[1]); }};
    },
    {{[] {
        matmul(zeros({2, 3}), zeros({4, 5}));
      },
      "matmul: inner dimensions differ; got [2, 3] @ [4, 5]"},
     {[] {
        matmul(zeros({2, 3, 4}), zeros({3, 4, 5}));
      },
      "matmul: batch sizes differ; got [2, 3, 4] @ [3, 4, 5]"},
     {[] { matmul(zeros({3}), zeros({3})); },
      "matmul: not two matrices or two batches of them; got [3] @ [3]"},
     {[] {
        matmul(zeros({2, 2}), zeros({2, 2}, DType::float64));
      },
      "matmul: dtypes differ; got float32 and float64; hint: convert one with to()"}});
}
Tensor matmul(const Tensor& a, const Tensor& b) {
  ops::check_same_dtype("matmul", a, b);
  if (a.dim() != b.dim() || a.dim() < 2 || a.dim() > 3) {
    fail("matmul: not two matrices or two batches of them; got {} @ {}", a.shape(), b.shape());
  }
  if (a.size(-1) != b.size(-2)) {
    fail("matmul: inner dimensions differ; got {} @ {}", a.shape(), b.shape());
  }
  if (a.size(0) != b.size(0) && a.dim() == 3) {
    fail("matmul: batch sizes differ; got {} @ {}", a.shape(), b.shape());
  }
  const Tensor y = product(a, Transpose::no, b, Transpose::no);
  return record(
      matmul_op, {a, b}, y, [a = Saved(a), b = Saved(b)](const Backward& backward) -> Gradients {
        const Tensor& g = backward.grad();
        if (grad_enabled()) {
          return {matmul(g, transpose(*b, -2, -1)), matmul(transpose(*a, -2, -1), g)};
        }
        return {backward.needs(0) ? product(g, Transpose::no, *b, Transpose::yes) : Tensor(),
                backward.needs(1) ? product(*a, Transpose::yes, g, Transpose::no) : Tensor()};
      });
}

// Y = a b^T;  da = G b,  db = G^T a
namespace {
const Op outer_op("outer",
                  [](Sampler& s) -> Sample {
                    return {{s.normal(s.shape(1, 1)), s.normal(s.shape(1, 1))},
                            [](const auto& x) { return outer(x[0], x[1]); }};
                  },
                  {{[] {
                      outer(zeros({2, 3}), zeros({3}));
                    },
                    "outer: not two vectors; got [2, 3] and [3]"},
                   {[] { outer(zeros({2}), zeros({2}, DType::float64)); },
                    "outer: dtypes differ; got float32 and float64; hint: convert one with to()"}});
}
Tensor outer(const Tensor& a, const Tensor& b) {
  ops::check_same_dtype("outer", a, b);
  if (a.dim() != 1 || b.dim() != 1) {
    fail("outer: not two vectors; got {} and {}", a.shape(), b.shape());
  }
  const auto column = [](const Tensor& x) { return reshape(x, {x.numel(), 1}); };
  const auto row = [](const Tensor& x) { return reshape(x, {1, x.numel()}); };
  const Tensor y = column(a.detach()) * row(b.detach());  // [M, N]
  return record(outer_op, {a, b}, y,
                [a = Saved(a), b = Saved(b), column, row](const Backward& backward) -> Gradients {
                  const Tensor& g = backward.grad();
                  return {backward.needs(0) ? sum(g * row(*b), {1}) : Tensor(),
                          backward.needs(1) ? sum(g * column(*a), {0}) : Tensor()};
                });
}

namespace {

/// X W^T + b. When not recording, as in search, the bits of a row must not depend on its batch.
Tensor forward_product(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (packing_pays(x) || (x.dtype() == DType::float32 && !grad_enabled())) {
    return packed_product(x, weight, Transpose::yes, bias);
  }
  Tensor y = product(x, Transpose::no, weight, Transpose::yes);  // [N, O]
  if (bias.defined()) {
    dispatch_floating("linear", x.dtype(), [&]<class T>() {
      T* const out = y.mutable_data<T>().data();
      kernels::zip(out, y.shape(), bias.data<T>().data(), bias.shape(), out, y.shape(),
                   [](T u, T v) { return u + v; });
    });
  }
  return y;
}

/// dX = G W.
Tensor input_gradient(const Tensor& g, const Tensor& weight) {
  return packing_pays(g) ? packed_product(g, weight, Transpose::no)
                         : product(g, Transpose::no, weight, Transpose::no);
}

}  // namespace

// Y = X W^T + b, rows x of X;  dX = G W,  dW = G^T X,  db = sum of the rows of G
namespace {
const Op linear_op("linear",
                   [](Sampler& s) -> Sample {
                     Shape shape = s.shape(1, 3);
                     const std::int64_t out = s.size(1, 4);
                     const std::int64_t in = shape.back();
                     if (s.coin()) {
                       return {{s.normal(shape), s.normal({out, in})},
                               [](const auto& x) { return linear(x[0], x[1]); }};
                     }
                     return {{s.normal(shape), s.normal({out, in}), s.normal({out})},
                             [](const auto& x) { return linear(x[0], x[1], x[2]); }};
                   },
                   {{[] {
                       linear(zeros({2, 3}), zeros({5, 4}));
                     },
                     "linear: features of x differ from the weight's; got [2, 3] and [5, 4]"},
                    {[] {
                       linear(zeros({2, 3}), zeros({5, 3}), zeros({4}));
                     },
                     "linear: wrong shape of bias; got [4]; expected [5]"},
                    {[] {
                       linear(scalar(1), zeros({5, 3}));
                     },
                     "linear: features of x differ from the weight's; got [] and [5, 3]"}});
}
Tensor linear(const Tensor& x, const Tensor& weight, const Tensor& bias) {
  ops::check_same_dtype("linear", x, weight);
  ops::check_rank("linear", "weight", weight, 2);
  if (x.dim() == 0 || x.size(-1) != weight.size(1)) {
    fail("linear: features of x differ from the weight's; got {} and {}", x.shape(),
         weight.shape());
  }
  if (bias.defined()) {
    ops::check_same_dtype("linear", x, bias);
    ops::check_shape("linear", "bias", bias, {weight.size(0)});
  }
  const bool matrix = x.dim() == 2;  // as in every step of a decoder; the others need views
  const Tensor product = forward_product(matrix ? x : rows(x.detach()), weight, bias);  // [N, O]
  Shape shape = x.shape();
  shape.back() = weight.size(0);
  const Tensor y = matrix ? product : reshape(product, shape);
  return record(linear_op, {x, weight, bias}, y,
                [x = Saved(x), weight = Saved(weight)](const Backward& backward) -> Gradients {
                  const Tensor g = rows(backward.grad());  // [N, O]
                  const Tensor flat = rows(*x);            // [N, I]
                  Gradients gradients(3);
                  if (grad_enabled()) {
                    gradients[0] = reshape(matmul(g, *weight), (*x).shape());
                    gradients[1] = matmul(transpose(g, 0, 1), flat);
                  } else {
                    if (backward.needs(0)) {
                      gradients[0] = reshape(input_gradient(g, *weight), (*x).shape());
                    }
                    if (backward.needs(1)) {
                      gradients[1] = Gradient::product(g, flat);
                    }
                  }
                  if (backward.needs(2)) {
                    gradients[2] = sum(g, {0});
                  }
                  return gradients;
                });
}

}  // namespace weft
