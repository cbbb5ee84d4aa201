#include "autograd/kernels/vector.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "autograd/random.hpp"
#include "autograd/tensor.hpp"
#include "tests/autograd/kernels/floats.hpp"
#include "tests/catch.hpp"

namespace weft::kernels {
namespace {

/// Odd, so that every kernel has elements left after its last full vector.
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

/// x w^T by the kernels of one instruction set, with w [outputs, n] as it is or, if `turned`,
/// stored as its transpose.
template <class T>
std::vector<T> packed_product(const VectorKernels<T>& kernels, const std::vector<T>& x,
                              const std::vector<T>& w, std::int64_t rows, std::int64_t outputs,
                              std::int64_t n, bool turned = false) {
  const std::int64_t panels = (outputs + kernels.panel - 1) / kernels.panel;
  std::vector<T> packed(static_cast<std::size_t>(panels * kernels.panel * n));
  kernels.pack(w.data(), outputs, n, turned ? 1 : n, turned ? outputs : 1, packed.data());
  std::vector<T> y(static_cast<std::size_t>(rows * outputs), T{-7});
  std::vector<T> bias(static_cast<std::size_t>(outputs));
  std::ranges::generate(bias, [b = 0]() mutable { return T{0.5} * static_cast<T>(b++ % 5); });
  kernels.packed_products(x.data(), n, rows, packed.data(), bias.data(), 0, outputs, n, y.data(),
                          outputs);
  return y;
}

TEST_CASE("sums have the same bits wherever their rows lie in memory") {
  Generator generator(7);
  const std::vector<float> q = normal(kSize, generator);
  const std::vector<float> k = normal(kSize, generator);
  const std::vector<float> v = normal(kSize, generator);
  for (const Isa isa : supported_isas()) {
    const VectorKernels<float>& kernels = vector_kernels(isa);
    const auto sums = [&](std::int64_t shift) {
      std::vector<float> memory(3 * kSize + 32);
      float* const a = memory.data() + shift;
      float* const b = a + kSize;
      float* const c = b + kSize;
      std::ranges::copy(q, a);
      std::ranges::copy(k, b);
      std::ranges::copy(v, c);
      float sum = 0;
      const float largest = kernels.sum_exp(a, kSize, sum);
      return std::vector<float>{largest, sum, kernels.dot(a, b, kSize),
                                kernels.tanh_score(a, b, c, kSize),
                                kernels.relu_score(a, b, c, kSize)};
    };
    for (std::int64_t shift = 1; shift < 32; ++shift) {
      CAPTURE(name(isa), shift);
      CHECK(sums(shift) == sums(0));
    }
  }
}

TEST_CASE("packed products agree with double precision, whatever their sizes") {
  Generator generator(5);
  for (const std::int64_t rows : {1, 2, 3, 12, 13, 29}) {
    for (const std::int64_t outputs : {1, 31, 32, 129, 260}) {
      for (const bool turned : {false, true}) {
        const std::vector<float> x = normal(rows * kSize, generator);
        const std::vector<float> w = normal(outputs * kSize, generator);
        const std::vector<double> expected = packed_product(vector_kernels<double>(), wide(x),
                                                            wide(w), rows, outputs, kSize, turned);
        for (const Isa isa : supported_isas()) {
          CAPTURE(name(isa), rows, outputs, turned);
          const auto y = packed_product(vector_kernels(isa), x, w, rows, outputs, kSize, turned);
          for (std::size_t i = 0; i < y.size(); ++i) {
            REQUIRE(static_cast<double>(y[i]) == Approx(expected[i]).epsilon(1e-4).margin(2e-5));
          }
        }
      }
    }
  }
}

TEST_CASE("the double kernels' packed product is a product") {
  const std::vector<double> x = {1, 2, 3, 4};        // [2, 2]
  const std::vector<double> w = {1, 10, 100, 1000};  // [2, 2]
  const auto product = [&](bool turned) {
    return packed_product(vector_kernels<double>(), x, w, 2, 2, 2, turned);
  };
  // The bias is 0, 0.5.
  CHECK(product(false) == std::vector<double>{21, 2100.5, 43, 4300.5});
  CHECK(product(true) == std::vector<double>{201, 2010.5, 403, 4030.5});
}

TEST_CASE("a row's packed product has the same bits alone and among others") {
  Generator generator(6);
  constexpr std::int64_t kOutputs = 150;
  constexpr std::int64_t kMany = 29;
  const std::vector<float> x = normal(kMany * kSize, generator);
  const std::vector<float> w = normal(kOutputs * kSize, generator);
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    const VectorKernels<float>& kernels = vector_kernels(isa);
    const std::vector<float> together = packed_product(kernels, x, w, kMany, kOutputs, kSize);
    for (std::int64_t row = 0; row < kMany; ++row) {
      const std::vector<float> one(x.begin() + row * kSize, x.begin() + (row + 1) * kSize);
      const std::vector<float> alone = packed_product(kernels, one, w, 1, kOutputs, kSize);
      CHECK(std::equal(alone.begin(), alone.end(), together.begin() + row * kOutputs));
    }
  }
}

TEST_CASE("a transposition of any size") {
  constexpr std::int64_t kStride = 50;
  std::vector<float> x(kStride * kStride);
  std::iota(x.begin(), x.end(), 0.0F);
  for (const Isa isa : supported_isas()) {
    for (const std::int64_t rows : {1, 8, 15, 16, 17, 40}) {
      for (const std::int64_t columns : {1, 3, 16, 35}) {
        CAPTURE(name(isa), rows, columns);
        std::vector<float> y(kStride * kStride, -1);
        vector_kernels(isa).transpose(x.data(), rows, kStride, columns, y.data(), kStride);
        for (std::int64_t i = 0; i < kStride * kStride; ++i) {
          const std::int64_t row = i % kStride;
          const std::int64_t column = i / kStride;
          const bool inside = row < rows && column < columns;
          REQUIRE(y[static_cast<std::size_t>(i)] ==
                  (inside ? x[static_cast<std::size_t>(row * kStride + column)] : -1));
        }
      }
    }
  }
}

// The rows overlap, as those of a convolution do.
TEST_CASE("what stands at offsets is multiplied as if it were packed") {
  Generator generator(8);
  constexpr std::int64_t kRows = 13;
  constexpr std::int64_t kColumns = 150;  // more than few rows take at once
  const std::vector<float> x = normal(kRows * kSize, generator);
  const std::vector<float> base = normal(4 * kSize + kColumns + kMostPanel, generator);
  std::vector<std::int64_t> offsets;
  std::vector<float> gathered;  // [kSize, kColumns]
  for (std::int64_t k = 0; k < kSize; ++k) {
    offsets.push_back(k * 37 % (4 * kSize));
    gathered.insert(gathered.end(), base.begin() + offsets.back(),
                    base.begin() + offsets.back() + kColumns);
  }
  for (const Isa isa : supported_isas()) {
    CAPTURE(name(isa));
    const VectorKernels<float>& kernels = vector_kernels(isa);
    const auto packed_size = [&](std::int64_t outputs, std::int64_t n) {
      return static_cast<std::size_t>((outputs + kernels.panel - 1) / kernels.panel *
                                      kernels.panel * n);
    };
    std::vector<float> packed(packed_size(kColumns, kSize));
    kernels.pack(gathered.data(), kColumns, kSize, 1, kColumns, packed.data());
    for (const std::int64_t rows : {std::int64_t{1}, kRows}) {
      std::vector<float> expected(static_cast<std::size_t>(rows * kColumns));
      std::vector<float> got = expected;
      kernels.packed_products(x.data(), kSize, rows, packed.data(), nullptr, 0, kColumns, kSize,
                              expected.data(), kColumns);
      kernels.shifted_products(x.data(), kSize, rows, base.data(), offsets.data(), kSize, kColumns,
                               got.data(), kColumns);
      CHECK(got == expected);
    }
    std::vector<float> rows(packed_size(kSize, kColumns));
    std::vector<float> shifted = rows;
    kernels.pack(gathered.data(), kSize, kColumns, kColumns, 1, rows.data());
    kernels.pack_shifted(base.data(), offsets.data(), kSize, kColumns, shifted.data());
    CHECK(shifted == rows);
  }
}

}  // namespace
}  // namespace weft::kernels
