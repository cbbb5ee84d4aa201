#include <algorithm>
#include <cmath>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/pointwise_op.hpp"
#include "autograd/tape.hpp"

/// Elementwise arithmetic with broadcasting. The backward functions return gradients of the
/// broadcast shape; the engine sums them back.
namespace weft {
namespace {

/// Two normal operands whose shapes broadcast; sometimes the same operand twice.
template <Tensor (*F)(const Tensor&, const Tensor&)>
Sample binary_sample(Sampler& s) {
  const auto [a, b] = s.broadcast_pair();
  if (s.size(1, 10) == 1) {
    return {{s.normal(a)}, [](const auto& x) { return F(x[0], x[0]); }};
  }
  return {{s.normal(a), s.normal(b)}, [](const auto& x) { return F(x[0], x[1]); }};
}

template <Tensor (*F)(const Tensor&, const Tensor&)>
std::vector<ErrorSample> binary_errors(const std::string& where) {
  return {{[] {
             F(zeros({2, 3}), zeros({2, 4}));
           },
           where + ": shapes do not broadcast; got [2, 3] and [2, 4]"},
          {[] { F(zeros({2}), zeros({2}, DType::float64)); },
           where + ": dtypes differ; got float32 and float64; hint: convert one with to()"},
          {[] { F(zeros({2}, DType::int64), zeros({2}, DType::int64)); },
           where + ": unsupported dtype; got int64"}};
}

}  // namespace

Tensor detail::number(std::string_view op, double value, const Tensor& x) {
  if (x.dtype() == DType::int64 && !(std::isfinite(value) && value == std::trunc(value))) {
    fail(
        "{}: dtypes differ; got int64 and the number {}; hint: to(DType::float32) makes a floating "
        "tensor of ids or of arange()",
        op, value);
  }
  return scalar(value, x.dtype());
}

// y = a + b;  da = g,  db = g
namespace {
const ops::PointwiseOp add_op(
    "add", binary_sample<add>, binary_errors<add>("add"),
    [](const auto& a, const auto& b) { return a + b; },
    [](const auto&, const auto&, const auto&, const auto& g) { return g; },
    [](const auto&, const auto&, const auto&, const auto& g) { return g; });
}
Tensor add(const Tensor& a, const Tensor& b) { return add_op(a, b); }

// y = a - b;  da = g,  db = -g
namespace {
const ops::PointwiseOp sub_op(
    "sub", binary_sample<sub>, binary_errors<sub>("sub"),
    [](const auto& a, const auto& b) { return a - b; },
    [](const auto&, const auto&, const auto&, const auto& g) { return g; },
    [](const auto&, const auto&, const auto&, const auto& g) { return -g; });
}
Tensor sub(const Tensor& a, const Tensor& b) { return sub_op(a, b); }

// y = a b;  da = g b,  db = g a
namespace {
const ops::PointwiseOp mul_op(
    "mul", binary_sample<mul>, binary_errors<mul>("mul"),
    [](const auto& a, const auto& b) { return a * b; },
    [](const auto&, const auto& b, const auto&, const auto& g) { return g * b; },
    [](const auto& a, const auto&, const auto&, const auto& g) { return g * a; });
}
Tensor mul(const Tensor& a, const Tensor& b) { return mul_op(a, b); }

// y = a / b;  da = g / b,  db = -g a / b^2
namespace {
const ops::PointwiseOp div_op(
    "div",
    [](Sampler& s) -> Sample {
      const auto [a, b] = s.broadcast_pair();
      return {{s.normal(a), s.away_from_zero(b, 0.5)},
              [](const auto& x) { return div(x[0], x[1]); }};
    },
    binary_errors<div>("div"), [](const auto& a, const auto& b) { return a / b; },
    [](const auto&, const auto& b, const auto&, const auto& g) { return g / b; },
    [](const auto& a, const auto& b, const auto&, const auto& g) { return -(g / b) * a / b; });
}
Tensor div(const Tensor& a, const Tensor& b) { return div_op(a, b); }

// y = -x;  dx = -g
namespace {
const ops::PointwiseOp neg_op(
    "neg",
    [](Sampler& s) -> Sample {
      return {{s.normal(s.shape())}, [](const auto& x) { return neg(x[0]); }};
    },
    {{[] { neg(zeros({2}, DType::boolean)); }, "neg: unsupported dtype; got bool"}},
    [](const auto& x) { return -x; }, [](const auto&, const auto&, const auto& g) { return -g; });
}
Tensor neg(const Tensor& x) { return neg_op(x); }

// y = a^b;  da = g b a^(b - 1), 0 where b = 0;  db = g a^b ln a, 0 where a = 0
namespace {
const ops::PointwiseOp pow_op(
    "pow",
    [](Sampler& s) -> Sample {
      const auto [a, b] = s.broadcast_pair();
      switch (s.size(0, 2)) {
        case 0: {  // integer exponents accept any base
          const auto p = static_cast<double>(s.size(0, 3));
          return {{s.normal(a)}, [p](const auto& x) { return pow(x[0], p); }};
        }
        case 1:
          return {{s.uniform(a, 0.5, 3)}, [](const auto& x) { return pow(x[0], -1.5); }};
        default:
          return {{s.uniform(a, 0.5, 3), s.normal(b)},
                  [](const auto& x) { return pow(x[0], x[1]); }};
      }
    },
    binary_errors<pow>("pow"), [](const auto& a, const auto& b) { return pow(a, b); },
    [](const auto& a, const auto& b, const auto&, const auto& g) {
      return g * if_positive(equal(b, 0.0), 0.0, b * pow(a, b - 1));
    },
    [](const auto& a, const auto& b, const auto&, const auto& g) {
      return g * if_positive(equal(a, 0.0), 0.0, pow(a, b) * log(a));
    });
}
Tensor pow(const Tensor& a, const Tensor& b) { return pow_op(a, b); }

// y = max(a, b);  da = g where a > b, g / 2 where a = b, else 0;  db likewise with a and b swapped
namespace {

/// A pair of inputs with clearly distinct elements: integers and half-integers.
template <Tensor (*F)(const Tensor&, const Tensor&)>
Sample distinct_sample(Sampler& s) {
  const auto [a, b] = s.broadcast_pair();
  const auto spaced = [&](const Shape& shape, double offset) {
    Tensor x = empty(shape, DType::float64);
    std::ranges::generate(x.mutable_data<double>(),
                          [&] { return static_cast<double>(s.size(-3, 3)) + offset; });
    return x.set_requires_grad();
  };
  return {{spaced(a, 0), spaced(b, 0.5)}, [](const auto& x) { return F(x[0], x[1]); }};
}

/// g where `winner` is greater than `loser`, half of it where they are equal, else 0.
template <class X>
X share(const X& g, const X& winner, const X& loser) {
  return if_positive(greater(winner, loser), g, if_positive(equal(winner, loser), 0.5 * g, 0.0));
}

const ops::PointwiseOp maximum_op(
    "maximum", distinct_sample<maximum>, binary_errors<maximum>("maximum"),
    [](const auto& a, const auto& b) { return maximum(a, b); },
    [](const auto& a, const auto& b, const auto&, const auto& g) { return share(g, a, b); },
    [](const auto& a, const auto& b, const auto&, const auto& g) { return share(g, b, a); });
}  // namespace
Tensor maximum(const Tensor& a, const Tensor& b) { return maximum_op(a, b); }

// y = min(a, b);  da = g where a < b, g / 2 where a = b, else 0;  db likewise with a and b swapped
namespace {
const ops::PointwiseOp minimum_op(
    "minimum", distinct_sample<minimum>, binary_errors<minimum>("minimum"),
    [](const auto& a, const auto& b) { return minimum(a, b); },
    [](const auto& a, const auto& b, const auto&, const auto& g) { return share(g, b, a); },
    [](const auto& a, const auto& b, const auto&, const auto& g) { return share(g, a, b); });
}
Tensor minimum(const Tensor& a, const Tensor& b) { return minimum_op(a, b); }

// y = a where c, else b;  da = g where c, else 0;  db = 0 where c, else g.
// A selection, not a product with 0 or 1: elements not selected cannot leak, not even NaN.
namespace {
const Op where_op(
    "where",
    [](Sampler& s) -> Sample {
      const auto [a, b] = s.broadcast_pair();
      const Tensor c = s.mask(s.coin() ? a : b);
      return {{s.normal(a), s.normal(b)}, [c](const auto& x) { return where(c, x[0], x[1]); }};
    },
    {{[] { where(zeros({2}), zeros({2}), zeros({2})); },
      "where: wrong dtype of condition; got float32; expected bool"},
     {[] {
        where(bool_tensor({true, false}, {2}), zeros({3}), zeros({3}));
      },
      "where: shapes do not broadcast; got [2] and [3]"},
     {[] { where(bool_tensor({true}, {1}), zeros({3}), zeros({3}, DType::float64)); },
      "where: dtypes differ; got float32 and float64; hint: convert one with to()"}});
}
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  ops::check_dtype("where", "condition", condition, DType::boolean);
  ops::check_same_dtype("where", a, b);
  const Shape shape =
      broadcast_shapes("where", condition.shape(), broadcast_shapes("where", a.shape(), b.shape()));
  Tensor y = empty(shape, a.dtype());
  dispatch_all("where", a.dtype(), [&]<class T>() {
    kernels::zip3(condition.data<bool>().data(), condition.shape(), a.data<T>().data(), a.shape(),
                  b.data<T>().data(), b.shape(), y.mutable_data<T>().data(), shape,
                  [](bool c, T u, T v) { return kernels::select(c, u, v); });
  });
  return record(where_op, {a, b}, y, [c = Saved(condition)](const Backward& backward) -> Gradients {
    const Tensor& g = backward.grad();
    const Tensor zero = scalar(0, g.dtype());
    return {backward.needs(0) ? where(*c, g, zero) : Tensor(),
            backward.needs(1) ? where(*c, zero, g) : Tensor()};
  });
}

// y = value where the mask is true, else x;  dx = 0 where the mask is true, else g
namespace {
const Op masked_fill_op(
    "masked_fill",
    [](Sampler& s) -> Sample {
      const Shape shape = s.shape();
      const Tensor mask = s.mask({shape.begin() + s.size(0, std::ssize(shape)), shape.end()});
      const double value = s.coin() ? 3 : 0;
      return {{s.normal(shape)},
              [mask, value](const auto& x) { return masked_fill(x[0], mask, value); }};
    },
    {{[] {
        masked_fill(zeros({2}), bool_tensor({true, true, false}, {3}), 0);
      },
      "masked_fill: mask does not broadcast to x; got [3] and [2]"},
     {[] { masked_fill(zeros({2}), zeros({2}), 0); },
      "masked_fill: wrong dtype of mask; got float32; expected bool"}});
}
Tensor masked_fill(const Tensor& x, const Tensor& mask, double value) {
  ops::check_dtype("masked_fill", "mask", mask, DType::boolean);
  if (!broadcasts_to(mask.shape(), x.shape())) {
    fail("masked_fill: mask does not broadcast to x; got {} and {}", mask.shape(), x.shape());
  }
  Tensor y = empty(x.shape(), x.dtype());
  dispatch_all("masked_fill", x.dtype(), [&]<class T>() {
    const T filler = static_cast<T>(value);
    kernels::zip(mask.data<bool>().data(), mask.shape(), x.data<T>().data(), x.shape(),
                 y.mutable_data<T>().data(), x.shape(),
                 [filler](bool m, T v) { return kernels::select(m, filler, v); });
  });
  // A constant input, from which anomaly mode sees that the infinity is intended.
  const Tensor infinite = std::isinf(value) ? scalar(value, x.dtype()) : Tensor();
  return record(masked_fill_op, {x, infinite}, y,
                [mask = Saved(mask)](const Backward& backward) -> Gradients {
                  return {masked_fill(backward.grad(), *mask, 0), Tensor()};
                });
}

}  // namespace weft
