#include "autograd/kernels/primitive.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "autograd/kernels/vector.hpp"
#include "autograd/random.hpp"
#include "autograd/tensor.hpp"
#include "tests/autograd/kernels/floats.hpp"
#include "tests/catch.hpp"

namespace weft::kernels {
namespace {

using Floats = std::vector<float>;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Floats apply(Isa isa, Primitive primitive, const Floats& a, const Floats& b = {},
             const Floats& c = {}) {
  Floats y(a.size());
  vector_kernels(isa).primitives[static_cast<std::size_t>(primitive)](a.data(), b.data(), c.data(),
                                                                      y.data(), std::ssize(y));
  return y;
}

float of(Isa isa, Primitive primitive, float a, float b = 0, float c = 0) {
  return apply(isa, primitive, {a}, {b}, {c})[0];
}

double worst_error(Isa isa, Primitive primitive, double (*exact)(double)) {
  Floats x;
  for_many_floats([&](float value) { x.push_back(value); });
  const Floats y = apply(isa, primitive, x);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = exact(static_cast<double>(x[i]));
    const bool same = static_cast<double>(y[i]) == expected ||  // also infinities
                      (std::isnan(expected) && std::isnan(y[i]));
    const double error = same ? 0 : error_in_ulp(y[i], expected);
    worst = std::isnan(error) ? 1e9 : std::max(worst, error);
  }
  return worst;
}

TEST_CASE("every instruction set has accurate functions of one variable, at every magnitude") {
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    CHECK(worst_error(isa, Primitive::exp, [](double x) { return std::exp(x); }) <= 2);
    CHECK(worst_error(isa, Primitive::log, [](double x) { return std::log(x); }) <= 2);
    CHECK(worst_error(isa, Primitive::log1p, [](double x) { return std::log1p(x); }) <= 3);
    CHECK(worst_error(isa, Primitive::erf, [](double x) { return std::erf(x); }) <= 3);
    CHECK(worst_error(isa, Primitive::sin, [](double x) { return std::sin(x); }) <= 2);
    CHECK(worst_error(isa, Primitive::cos, [](double x) { return std::cos(x); }) <= 2);
    CHECK(worst_error(isa, Primitive::sqrt, [](double x) { return std::sqrt(x); }) <= 0.5);
    CHECK(worst_error(isa, Primitive::tanh, [](double x) { return std::tanh(x); }) <= 4);
    CHECK(worst_error(isa, Primitive::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }) <=
          4);
  }
}

TEST_CASE("powers are accurate for every sign and kind of exponent") {
  const Floats exponents = {0, 1, 2, 3, -1, -2, 0.5F, 1.5F, -0.25F, 7, 1e-3F, 12.75F, 33554432};
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    for (const float b : exponents) {
      Floats a;
      for_many_floats([&](float value) { a.push_back(value); });
      const Floats y = apply(isa, Primitive::pow, a, Floats(a.size(), b));
      double worst = 0;
      for (std::size_t i = 0; i < a.size(); ++i) {
        const double exact = std::pow(static_cast<double>(a[i]), static_cast<double>(b));
        const double error =
            std::isnan(exact) ? (std::isnan(y[i]) ? 0 : 1e9)
            : std::abs(exact) > static_cast<double>(std::numeric_limits<float>::max())
                ? (std::isinf(y[i]) && (y[i] > 0) == (exact > 0) ? 0 : 1e9)
                : error_in_ulp(y[i], exact);
        worst = std::isnan(error) ? 1e9 : std::max(worst, error);
      }
      CAPTURE(b);
      CHECK(worst <= 1);
    }
  }
}

TEST_CASE("zeros, infinities and NaN are treated as the standard library treats them") {
  const Floats odd = {0.0F, -0.0F, 1, -1, kInfinity, -kInfinity, kNaN, 2, -2, 0.5F, -3};
  const auto same = [](float got, double expected) {
    return std::isnan(expected)
               ? std::isnan(got)
               : got == static_cast<float>(expected) && std::signbit(got) == std::signbit(expected);
  };
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    for (const float a : odd) {
      CAPTURE(a);
      CHECK(same(of(isa, Primitive::log, a), std::log(a)));
      CHECK(std::isnan(of(isa, Primitive::log1p, a)) == std::isnan(std::log1p(a)));
      CHECK(std::isnan(of(isa, Primitive::sin, a)) == std::isnan(std::sin(a)));
      CHECK(same(of(isa, Primitive::abs, a), std::abs(a)));
      for (const float b : odd) {
        CAPTURE(b);
        CHECK(same(of(isa, Primitive::pow, a, b), std::pow(a, b)));
        const bool missing = std::isnan(a) || std::isnan(b);
        CHECK(std::isnan(of(isa, Primitive::maximum, a, b)) == missing);
        CHECK(std::isnan(of(isa, Primitive::minimum, a, b)) == missing);
        CHECK(of(isa, Primitive::greater, a, b) == (a > b ? 1 : 0));
        CHECK(of(isa, Primitive::equal, a, b) == (a == b ? 1 : 0));
        CHECK(of(isa, Primitive::if_positive, a, 3, 4) == (a > 0 ? 3 : 4));
      }
    }
    CHECK(of(isa, Primitive::log1p, -1) == -kInfinity);
    CHECK(of(isa, Primitive::log1p, kInfinity) == kInfinity);
    CHECK(of(isa, Primitive::tanh, kInfinity) == 1);
    CHECK(of(isa, Primitive::erf, -kInfinity) == -1);
    CHECK(of(isa, Primitive::sin, 3e38F) == Approx(std::sin(static_cast<double>(3e38F))));
  }
}

TEST_CASE("the result for an element does not depend on its position") {
  Generator generator(1);
  const Floats a = randn({77}, generator).to_vector<float>();
  const Floats b = randn({77}, generator).to_vector<float>();
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    for (std::size_t p = 0; p < kPrimitives; ++p) {
      CAPTURE(p);
      const auto primitive = static_cast<Primitive>(p);
      const Floats together = apply(isa, primitive, a, b, a);
      for (std::size_t i = 0; i < a.size(); ++i) {
        const float alone = of(isa, primitive, a[i], b[i], a[i]);
        CHECK((alone == together[i] || (std::isnan(alone) && std::isnan(together[i]))));
      }
    }
  }
}

TEST_CASE("every instruction set with fused products has the same bits") {
  Generator generator(2);
  const Floats a = randn({1000}, generator).to_vector<float>();
  const Floats b = randn({1000}, generator).to_vector<float>();
  for (const Isa isa : supported_isas()) {
    if (isa == Isa::baseline) {
      continue;  // rounds products by themselves
    }
    for (std::size_t p = 0; p < kPrimitives; ++p) {
      CAPTURE(name(isa), p);
      const auto primitive = static_cast<Primitive>(p);
      const Floats got = apply(isa, primitive, a, b, a);
      const Floats expected = apply(Isa::avx2, primitive, a, b, a);
      CHECK(std::ranges::equal(got, expected, [](float x, float y) {
        return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
      }));
    }
  }
}

}  // namespace
}  // namespace weft::kernels
