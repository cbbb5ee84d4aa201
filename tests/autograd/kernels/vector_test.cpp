#include "autograd/kernels/vector.hpp"

#include <algorithm>
#include <vector>

#include "autograd/random.hpp"
#include "autograd/tensor.hpp"
#include "tests/autograd/kernels/floats.hpp"
#include "tests/catch.hpp"

namespace weft::kernels {
namespace {

using Map = void (*)(const float* x, float* y, std::int64_t n);

/// n is odd, so that every kernel has elements left over behind its last whole vector.
constexpr std::int64_t kSize = 77;

std::vector<float> normal(std::int64_t n, Generator& generator) {
  return randn({n}, generator).to_vector<float>();
}

std::vector<double> wide(const std::vector<float>& x) { return {x.begin(), x.end()}; }

void check_close(const std::vector<float>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CHECK(static_cast<double>(got[i]) == Approx(expected[i]).epsilon(1e-4).margin(2e-6));
  }
}

double worst_error(Map map, double (*exact)(double)) {
  std::vector<float> x;
  for_many_floats([&](float value) { x.push_back(value); });
  std::vector<float> y(x.size());
  map(x.data(), y.data(), static_cast<std::int64_t>(x.size()));
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = error_in_ulp(y[i], exact(static_cast<double>(x[i])));
    worst = std::isnan(error) ? 1e9 : std::max(worst, error);
  }
  return worst;
}

TEST_CASE("every set of instructions has exp within 2 ulp, tanh and sigmoid within 4") {
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    const VectorKernels<float>& kernels = vector_kernels(isa);
    CHECK(worst_error(kernels.exp, [](double x) { return std::exp(x); }) <= 2);
    CHECK(worst_error(kernels.tanh, [](double x) { return std::tanh(x); }) <= 4);
    CHECK(worst_error(kernels.sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }) <= 4);
  }
}

TEST_CASE("NaN and infinities go through every set of instructions") {
  const std::vector<float> x(kSize, std::numeric_limits<float>::quiet_NaN());
  const std::vector<float> large(kSize, kInfinity);
  std::vector<float> y(kSize);
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    const VectorKernels<float>& kernels = vector_kernels(isa);
    for (const Map map : {kernels.exp, kernels.tanh, kernels.sigmoid}) {
      map(x.data(), y.data(), kSize);
      CHECK(std::ranges::all_of(y, [](float value) { return std::isnan(value); }));
    }
    kernels.tanh(large.data(), y.data(), kSize);
    CHECK(std::ranges::all_of(y, [](float value) { return value == 1; }));
  }
}

TEST_CASE("what becomes of an element does not depend on where it stands") {
  Generator generator(1);
  const std::vector<float> x = normal(kSize, generator);
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    const VectorKernels<float>& kernels = vector_kernels(isa);
    for (const Map map : {kernels.exp, kernels.tanh, kernels.sigmoid}) {
      std::vector<float> together(kSize);
      map(x.data(), together.data(), kSize);
      for (std::size_t i = 0; i < x.size(); ++i) {
        float alone = 0;
        map(&x[i], &alone, 1);
        CHECK(alone == together[i]);
      }
    }
  }
}

TEST_CASE("GRU rows agree with double precision") {
  Generator generator(2);
  const std::int64_t H = kSize;
  const std::vector<float> gi = normal(3 * H, generator);
  const std::vector<float> gh = normal(3 * H, generator);
  const std::vector<float> h = normal(H, generator);
  const std::vector<float> g = normal(H, generator);
  const auto run = [&]<class T>(const VectorKernels<T>& kernels, const std::vector<T>& i,
                                const std::vector<T>& k, const std::vector<T>& state,
                                const std::vector<T>& cotangent) {
    std::vector<T> all(static_cast<std::size_t>(11 * H));  // h', gates, dgi, dgh, dh
    T* const next = all.data();
    kernels.gru_forward(i.data(), k.data(), state.data(), next, next + H, H);
    kernels.gru_backward(cotangent.data(), next + H, k.data(), state.data(), next + 4 * H,
                         next + 7 * H, next + 10 * H, H);
    return all;
  };
  const std::vector<double> expected =
      run(vector_kernels<double>(), wide(gi), wide(gh), wide(h), wide(g));
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    check_close(run(vector_kernels(isa), gi, gh, h, g), expected);
  }
}

TEST_CASE("LSTM rows agree with double precision") {
  Generator generator(3);
  const std::int64_t H = kSize;
  const std::vector<float> gi = normal(4 * H, generator);
  const std::vector<float> gh = normal(4 * H, generator);
  const std::vector<float> c = normal(H, generator);
  const std::vector<float> u = normal(H, generator);
  const auto run = [&]<class T>(const VectorKernels<T>& kernels, const std::vector<T>& i,
                                const std::vector<T>& k, const std::vector<T>& cell,
                                const std::vector<T>& cotangent) {
    std::vector<T> all(static_cast<std::size_t>(11 * H));  // h', c', gates, da, dc
    T* const next = all.data();
    kernels.lstm_forward(i.data(), k.data(), cell.data(), next, next + H, next + 2 * H, H);
    kernels.lstm_backward(cotangent.data(), cotangent.data(), next + 2 * H, cell.data(), next + H,
                          next + 6 * H, next + 10 * H, H);
    return all;
  };
  const std::vector<double> expected =
      run(vector_kernels<double>(), wide(gi), wide(gh), wide(c), wide(u));
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    check_close(run(vector_kernels(isa), gi, gh, c, u), expected);
  }
}

TEST_CASE("sums and scores agree with double precision") {
  Generator generator(4);
  const std::vector<float> q = normal(kSize, generator);
  const std::vector<float> k = normal(kSize, generator);
  const std::vector<float> v = normal(kSize, generator);
  const auto run = [&]<class T>(const VectorKernels<T>& kernels, const std::vector<T>& x,
                                const std::vector<T>& y, const std::vector<T>& z) {
    std::vector<T> all(9 * kSize);
    T* out = all.data();
    for (const auto gradient : {kernels.tanh_score_gradient, kernels.relu_score_gradient}) {
      gradient(T{2}, x.data(), y.data(), z.data(), out, out + kSize, out + 2 * kSize, kSize);
      out += 3 * kSize;
    }
    kernels.axpy(T{3}, x.data(), out, kSize);
    T sum = 0;
    const T largest = kernels.sum_exp(x.data(), kSize, sum);
    kernels.softmax_gradient(x.data(), out + kSize, kSize, largest, std::log(sum), T{5}, T{0.25});
    const std::vector<T> few = {largest, sum, kernels.dot(x.data(), y.data(), kSize),
                                kernels.tanh_score(x.data(), y.data(), z.data(), kSize),
                                kernels.relu_score(x.data(), y.data(), z.data(), kSize)};
    std::ranges::copy(few, out + 2 * kSize);
    return all;
  };
  const std::vector<double> expected = run(vector_kernels<double>(), wide(q), wide(k), wide(v));
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    check_close(run(vector_kernels(isa), q, k, v), expected);
  }
}

}  // namespace
}  // namespace weft::kernels
