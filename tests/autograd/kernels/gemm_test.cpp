#include "autograd/kernels/gemm.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "autograd/random.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

/// The sizes of a product [m, k] @ [k, n] and the memory layout of its arrays.
struct Product {
  std::int64_t m, k, n;
  bool transpose_a = false;
  bool transpose_b = false;
  bool accumulate = false;
  std::int64_t padding = 0;  // elements between rows
  std::int64_t batch = 1;
};

/// A batch of random matrices [rows, cols] in an array of its own, with NaN in the padding.
template <class T>
struct Operand {
  Operand(std::int64_t rows, std::int64_t cols, bool transposed, const Product& p,
          Generator& generator) {
    const std::int64_t lines = transposed ? cols : rows;
    const std::int64_t length = transposed ? rows : cols;
    const std::int64_t ld = std::max<std::int64_t>(length + p.padding, 1);
    const Tensor noise = randn({p.batch, lines, ld}, generator, dtype_of<T>());
    elements = noise.to_vector<T>();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (static_cast<std::int64_t>(i) % ld >= length) {
        elements[i] = std::numeric_limits<T>::quiet_NaN();
      }
    }
    view = {elements.data(), rows, cols, ld, transposed, lines * ld};
  }

  T at(std::int64_t matrix, std::int64_t row, std::int64_t col) const {
    const std::int64_t place = view.transposed ? col * view.ld + row : row * view.ld + col;
    return elements[static_cast<std::size_t>(matrix * view.batch_stride + place)];
  }
  MatrixView<const T> constant() const {
    return {view.data, view.rows, view.cols, view.ld, view.transposed, view.batch_stride};
  }

  std::vector<T> elements;
  MatrixView<T> view;
};

/// Largest difference from a triple loop in double, relative to the expected rounding error.
template <class T>
double error_of(const Product& p) {
  Generator generator(1);
  const Operand<T> a(p.m, p.k, p.transpose_a, p, generator);
  const Operand<T> b(p.k, p.n, p.transpose_b, p, generator);
  Operand<T> c(p.m, p.n, false, p, generator);
  const Operand<T> before = c;
  if (!p.accumulate) {  // the old contents of c must not matter
    std::ranges::fill(c.elements, std::numeric_limits<T>::quiet_NaN());
  }
  gemm<T>(a.constant(), b.constant(), c.view, p.accumulate, p.batch);

  double worst = 0;
  for (std::int64_t matrix = 0; matrix < p.batch; ++matrix) {
    for (std::int64_t i = 0; i < p.m; ++i) {
      for (std::int64_t j = 0; j < p.n; ++j) {
        double sum = p.accumulate ? static_cast<double>(before.at(matrix, i, j)) : 0;
        double magnitude = 1 + std::abs(sum);
        for (std::int64_t l = 0; l < p.k; ++l) {
          const double term =
              static_cast<double>(a.at(matrix, i, l)) * static_cast<double>(b.at(matrix, l, j));
          sum += term;
          magnitude += std::abs(term);
        }
        const double error = std::abs(static_cast<double>(c.at(matrix, i, j)) - sum) / magnitude;
        worst =
            std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
      }
    }
  }
  return worst / static_cast<double>(std::numeric_limits<T>::epsilon());
}

TEST_CASE("gemm agrees with a triple loop") {
  const bool transpose_a = GENERATE(false, true);
  const bool transpose_b = GENERATE(false, true);
  const bool accumulate = GENERATE(false, true);
  const std::int64_t padding = GENERATE(0, 3);
  const std::vector<std::array<std::int64_t, 4>> sizes = {
      {1, 1, 1, 1},    {2, 3, 4, 1},      {5, 0, 3, 1},     {0, 3, 4, 1},     {3, 4, 0, 1},
      {7, 5, 2, 3},    {4, 0, 4, 2},      {3, 3, 3, 0},     {1, 300, 700, 1}, {700, 300, 1, 1},
      {64, 65, 66, 1}, {300, 20, 100, 1}, {33, 34, 600, 1}, {64, 32, 48, 4},  {2, 3000, 50, 1}};
  for (const auto& [m, k, n, batch] : sizes) {
    CAPTURE(m, k, n, batch, transpose_a, transpose_b, accumulate, padding);
    const Product p{m, k, n, transpose_a, transpose_b, accumulate, padding, batch};
    const double allowed = 4 + static_cast<double>(k) / 16;
    CHECK(error_of<double>(p) < allowed);
    CHECK(error_of<float>(p) < allowed);
  }
}

template <class T>
Tensor product_of(const Product& p) {
  Generator generator(2);
  const Operand<T> a(p.m, p.k, p.transpose_a, p, generator);
  const Operand<T> b(p.k, p.n, p.transpose_b, p, generator);
  Operand<T> c(p.m, p.n, false, p, generator);
  gemm<T>(a.constant(), b.constant(), c.view, p.accumulate, p.batch);
  return tensor<T>(c.elements, {std::ssize(c.elements)});
}

TEST_CASE("the product's bits do not depend on the number of threads") {
  const bool transpose = GENERATE(false, true);
  const std::vector<Product> products = {{64, 256, 384},
                                         {1, 512, 1000},
                                         {500, 256, 1},
                                         {600, 64, 40},
                                         {17, 1000, 33},
                                         {16, 4096, 16},
                                         {3, 40000, 5},
                                         {1, 300000, 1},
                                         {2, 70000, 2},
                                         {8, 2000, 31},
                                         {64, 64, 64},
                                         {65, 64, 64},
                                         {257, 33, 255},
                                         {1000, 300, 24},
                                         {24, 300, 1000},
                                         {5, 512, 1536},
                                         {40, 30, 50, false, false, true, 0, 8}};
  for (Product p : products) {
    p.transpose_a = p.transpose_b = transpose;
    CAPTURE(p.m, p.k, p.n, transpose);
    testing::check_same_bits_with_any_threads([&] { return product_of<float>(p); });
    testing::check_same_bits_with_any_threads([&] { return product_of<double>(p); });
  }
}

TEST_CASE("sizes that do not fit are named") {
  float x = 0;
  const auto wrong = [&](std::int64_t k) {
    gemm<float>({&x, 1, 1, 1}, {&x, k, 1, 1}, {&x, 1, 1, 1});
  };
  CHECK_THROWS_WITH(wrong(2), "gemm: sizes do not fit; got [1, 1] @ [2, 1] -> [1, 1]");
  const std::int64_t huge = std::int64_t{1} << 31;
  CHECK_THROWS_WITH(gemm<float>({&x, 1, huge, huge}, {&x, huge, 1, 1}, {&x, 1, 1, 1}),
                    "gemm: a size exceeds BLAS's integers; got 2147483648; expected at most "
                    "2147483647");
}

}  // namespace
}  // namespace weft
