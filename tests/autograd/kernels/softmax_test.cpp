#include "autograd/kernels/softmax.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include "tests/catch.hpp"

namespace weft::kernels {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST_CASE("logsumexp neither overflows nor underflows") {
  const std::vector<float> high = {1000, 1000};
  CHECK(logsumexp(vector_kernels<float>(), high.data(), 2).largest == 1000);
  CHECK(logsumexp(vector_kernels<float>(), high.data(), 2).rest == Approx(std::log(2.0)));
  const std::vector<double> low = {-1000, -1000, -kInfinity};
  CHECK(logsumexp(vector_kernels<double>(), low.data(), 3).largest == -1000);
  CHECK(logsumexp(vector_kernels<double>(), low.data(), 3).rest == Approx(std::log(2.0)));
  CHECK(logsumexp(vector_kernels<double>(), low.data(), 1).rest == 0);
}

TEST_CASE("softmax runs down the columns of a block") {
  const std::vector<double> x = {0, 1000, std::log(3.0), 1000};  // [2, 2]
  std::vector<double> y(4);
  softmax_columns(vector_kernels<double>(), x.data(), y.data(), 2, 2, 2);
  CHECK(y[0] == Approx(0.25));
  CHECK(y[2] == Approx(0.75));
  CHECK(y[1] == 0.5);
  CHECK(y[3] == 0.5);
  std::vector<double> log_y(4);
  log_softmax_columns(vector_kernels<double>(), x.data(), log_y.data(), 2, 2, 2);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(log_y[i] == Approx(std::log(y[i])));
  }
}

TEST_CASE("what is minus infinity has probability zero") {
  const std::vector<float> x = {1, static_cast<float>(-kInfinity), 1};
  std::vector<float> y(3);
  softmax_columns(vector_kernels<float>(), x.data(), y.data(), 3, 1, 1);
  CHECK(y == std::vector<float>{0.5F, 0, 0.5F});
  log_softmax_columns(vector_kernels<float>(), x.data(), y.data(), 3, 1, 1);
  CHECK(y[0] == Approx(-std::log(2.0)));
  CHECK(y[1] == -std::numeric_limits<float>::infinity());
}

TEST_CASE("NaN goes through") {
  const std::vector<float> x = {1, std::numeric_limits<float>::quiet_NaN(), 1};
  std::vector<float> y(3);
  softmax_columns(vector_kernels<float>(), x.data(), y.data(), 3, 1, 1);
  CHECK(std::isnan(y[0]));
  CHECK(std::isnan(logsumexp(vector_kernels<float>(), x.data(), 3).rest));
}

}  // namespace
}  // namespace weft::kernels
