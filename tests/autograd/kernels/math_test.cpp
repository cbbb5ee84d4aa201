#include "autograd/kernels/math.hpp"

#include <algorithm>
#include <functional>

#include "tests/autograd/kernels/floats.hpp"
#include "tests/catch.hpp"

namespace weft::kernels {
namespace {

template <class F, class G>
double worst_error(F&& kernel, G&& exact) {
  double worst = 0;
  for_many_floats([&](float x) {
    const double error = error_in_ulp(kernel(x), exact(static_cast<double>(x)));
    worst = std::isnan(error) ? 1e9 : std::max(worst, error);
  });
  return worst;
}

TEST_CASE("exp, tanh and sigmoid of floats are accurate at every magnitude") {
  CHECK(worst_error([](float x) { return exp(x); }, [](double x) { return std::exp(x); }) <= 2);
  CHECK(worst_error([](float x) { return tanh(x); }, [](double x) { return std::tanh(x); }) <= 4);
  CHECK(worst_error([](float x) { return sigmoid(x); },
                    [](double x) { return 1 / (1 + std::exp(-x)); }) <= 4);
}

TEST_CASE("exp is accurate close to the ends of its range") {
  for (const float end : {88.7228317F, -87.3365447F}) {
    float x = end;
    for (int i = 0; i < 1000; ++i) {
      CHECK(error_in_ulp(exp(x), std::exp(static_cast<double>(x))) <= 2);
      x = std::nextafter(x, 0.0F);
    }
  }
  CHECK(exp(std::nextafter(88.7228317F, 100.0F)) == kInfinity);
}

TEST_CASE("special values") {
  CHECK(exp(0.0F) == 1);
  CHECK(exp(-kInfinity) == 0);
  CHECK(exp(kInfinity) == kInfinity);
  CHECK(tanh(kInfinity) == 1);
  CHECK(tanh(-kInfinity) == -1);
  CHECK(std::signbit(tanh(-0.0F)));
  CHECK_FALSE(std::signbit(tanh(0.0F)));
  CHECK(sigmoid(0.0F) == 0.5F);
  CHECK(sigmoid(-kInfinity) == 0);
  CHECK(sigmoid(kInfinity) == 1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(exp(nan)));
  CHECK(std::isnan(tanh(nan)));
  CHECK(std::isnan(sigmoid(nan)));
}

TEST_CASE("the bits do not depend on the processor") {
  // Where this rounds once, exp is 0x1.bec38ep+1.
  CHECK(exp(1.25F) == 0x1.bec39p+1F);
}

TEST_CASE("tanh is odd and stays within [-1, 1]") {
  bool holds = true;
  for_many_floats(
      [&](float x) { holds = holds && tanh(-x) == -tanh(x) && std::abs(tanh(x)) <= 1; });
  CHECK(holds);
}

TEST_CASE("in double they are the standard library's") {
  for (const double x : {-800.0, -1.5, 0.0, 0.3, 20.0, 800.0}) {
    CHECK(exp(x) == std::exp(x));
    CHECK(tanh(x) == std::tanh(x));
    CHECK(sigmoid(x) == 1 / (1 + std::exp(-x)));
  }
}

}  // namespace
}  // namespace weft::kernels
