#include "nn/positions.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/ops.hpp"

namespace weft::nn {
namespace {

/// w_i = 10000^(-2i / size)
double frequency(std::int64_t i, std::int64_t size) {
  return std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(size));
}

void check(const char* where, std::int64_t T, std::int64_t size) {
  if (T < 1 || size < 1) {
    fail("{}: got {} positions of size {}; expected at least 1", where, T, size);
  }
}

}  // namespace

// PE(t, 2i) = sin(t w_i), PE(t, 2i + 1) = cos(t w_i), w_i = 10000^(-2i/E)   (Vaswani et al. 2017,
//                                                               arXiv:1706.03762, section 3.5)
Tensor sinusoidal_positions(std::int64_t T, std::int64_t E) {
  check("sinusoidal_positions", T, E);
  Tensor table = empty({T, E});
  float* value = table.mutable_data<float>().data();
  for (std::int64_t t = 0; t < T; ++t) {
    for (std::int64_t j = 0; j < E; ++j) {
      const double angle = static_cast<double>(t) * frequency(j / 2, E);
      *value++ = static_cast<float>(j % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  }
  return table;
}

namespace {

/// f(t w_i) for both features of each pair
Tensor angles(const char* where, std::int64_t T, std::int64_t d, double (*f)(double)) {
  check(where, T, d);
  if (d % 2 != 0) {
    fail("{}: features are turned in pairs; got {}; expected an even number", where, d);
  }
  Tensor table = empty({T, d});
  float* value = table.mutable_data<float>().data();
  for (std::int64_t t = 0; t < T; ++t) {
    for (std::int64_t j = 0; j < d; ++j) {
      *value++ = static_cast<float>(f(static_cast<double>(t) * frequency(j % (d / 2), d)));
    }
  }
  return table;
}

}  // namespace

Tensor rotary_cosines(std::int64_t T, std::int64_t d) {
  return angles("rotary_cosines", T, d, std::cos);
}

Tensor rotary_sines(std::int64_t T, std::int64_t d) {
  return angles("rotary_sines", T, d, std::sin);
}

// With the halves a and b of x, (a, b) -> (a cos - b sin, b cos + a sin): eq. 34, its pairs
// (x_2i, x_2i+1) taken as (x_i, x_i+d/2).
Tensor rotate(const Tensor& x, const Rotation& rotation) {
  const std::int64_t half = x.size(-1) / 2;
  const std::vector<Tensor> parts = split(x, {half, half}, -1);
  const Tensor turned = cat({-parts[1], parts[0]}, -1);  // (-b, a)
  const Tensor straight = x * rotation.cos;  // before the other product, on every compiler
  return straight + turned * rotation.sin;
}

Tensor PositionTable::first(std::int64_t T) const {
  const std::lock_guard lock(mutex_);
  if (!rows_.defined() || rows_.size(0) < T) {
    constexpr std::int64_t kFewest = 128;
    rows_ = make_(std::max(2 * T, kFewest));
  }
  return narrow(rows_, 0, 0, T);
}

Tensor PositionTable::at(const Tensor& ids) const {
  const auto all = ids.data<std::int64_t>();
  return index_select(first(all.empty() ? 1 : *std::ranges::max_element(all) + 1), 0, ids);
}

}  // namespace weft::nn
