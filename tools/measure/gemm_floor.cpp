#include "tools/measure/gemm_floor.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "autograd/error.hpp"

namespace weft::tools {
namespace {

/// Elements between -1 and 1.
std::vector<float> numbers(std::int64_t count) {
  std::vector<float> numbers(static_cast<std::size_t>(count));
  std::ranges::generate(numbers,
                        [i = 0]() mutable { return static_cast<float>(i++ % 31 - 15) / 16; });
  return numbers;
}

}  // namespace

GemmFloor::GemmFloor(std::vector<GemmShape> shapes) : shapes_(std::move(shapes)) {
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t c = 0;
  for (const GemmShape& s : shapes_) {
    a = std::max(a, s.batch * s.m * s.k);
    b = std::max(b, s.batch * s.k * s.n);
    c = std::max(c, s.batch * s.m * s.n);
  }
  a_ = numbers(a);
  b_ = numbers(b);
  c_ = numbers(c);
}

double GemmFloor::run(Products products) {
  const ProductsGuard guard(products);
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  for (const auto& [m, n, k, transposed_a, transposed_b, accumulate, batch] : shapes_) {
    const MatrixView<const float> a{a_.data(), m, k, transposed_a ? m : k, transposed_a, m * k};
    const MatrixView<const float> b{b_.data(), k, n, transposed_b ? k : n, transposed_b, k * n};
    gemm(a, b, MatrixView<float>{c_.data(), m, n, n, false, m * n}, accumulate, batch);
  }
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double GemmFloor::flop() const {
  return std::accumulate(shapes_.begin(), shapes_.end(), 0.0,
                         [](double sum, const GemmShape& s) { return sum + tools::flop(s); });
}

double flop(const GemmShape& shape) {
  return 2.0 * static_cast<double>(shape.m) * static_cast<double>(shape.n) *
         static_cast<double>(shape.k) * static_cast<double>(shape.batch);
}

std::string to_string(const GemmShape& shape) {
  return fmt::format("{}[{}, {}]{} @ [{}, {}]{}{}",
                     shape.batch == 1 ? "" : fmt::format("{} x ", shape.batch), shape.m, shape.k,
                     shape.transposed_a ? "^T" : "", shape.k, shape.n,
                     shape.transposed_b ? "^T" : "", shape.accumulate ? " +" : "");
}

}  // namespace weft::tools
