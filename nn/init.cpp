#include "nn/init.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "autograd/error.hpp"

namespace weft::nn::init {
namespace {

using Vector = std::vector<double>;

thread_local bool skipping = false;

void check_matrix(std::string_view where, const Tensor& x) {
  if (x.dim() != 2 || x.numel() == 0) {
    fail("{}: not a matrix; got {}; expected [fan_out, fan_in]", where, x.shape());
  }
}

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Subtracts from `row` its projection onto the span of the orthonormal `rows`. Done twice, to
/// remove what rounding leaves.
void make_orthogonal(Vector& row, const std::vector<Vector>& rows) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const Vector& other : rows) {
      const double along = dot(row, other);
      std::ranges::transform(row, other, row.begin(),
                             [along](double a, double b) { return a - along * b; });
    }
  }
}

/// Orthonormal vectors by the Gram-Schmidt process on normal vectors, whose directions are uniform.
std::vector<Vector> orthonormal(std::int64_t count, std::int64_t size, Generator& generator) {
  std::vector<Vector> rows;
  while (static_cast<std::int64_t>(rows.size()) < count) {
    Vector row = randn({size}, generator, DType::float64).to_vector<double>();
    make_orthogonal(row, rows);
    const double norm = std::sqrt(dot(row, row));
    if (norm > 1e-6) {  // otherwise it was in their span: draw another
      std::ranges::for_each(row, [norm](double& value) { value /= norm; });
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace

SkipGuard::SkipGuard() : outer_(std::exchange(skipping, true)) {}
SkipGuard::~SkipGuard() { skipping = outer_; }

void constant_(Tensor x, double value) {
  if (!skipping) {
    x.copy_(full(x.shape(), value, x.dtype()));
  }
}

void zeros_(Tensor x) { constant_(std::move(x), 0); }

void uniform_(Tensor x, double low, double high, Generator& generator) {
  if (!skipping) {
    x.copy_(rand(x.shape(), low, high, generator, x.dtype()));
  }
}

void normal_(Tensor x, double mean, double std, Generator& generator) {
  if (skipping) {
    return;
  }
  dispatch_floating("normal_", x.dtype(), [&]<class T>() {
    const Tensor unit = randn(x.shape(), generator, x.dtype());
    std::ranges::transform(unit.data<T>(), x.mutable_data<T>().begin(),
                           [&](T value) { return static_cast<T>(mean + std * value); });
  });
}

void xavier_uniform_(Tensor x, double gain, Generator& generator) {
  check_matrix("xavier_uniform_", x);
  const double a = gain * std::sqrt(6.0 / static_cast<double>(x.size(0) + x.size(1)));
  uniform_(std::move(x), -a, a, generator);
}

void kaiming_uniform_(Tensor x, Generator& generator) {
  check_matrix("kaiming_uniform_", x);
  const double b = std::sqrt(6.0 / static_cast<double>(x.size(1)));
  uniform_(std::move(x), -b, b, generator);
}

void orthogonal_(Tensor x, Generator& generator) {
  check_matrix("orthogonal_", x);
  if (skipping) {
    return;
  }
  const auto rows = static_cast<std::size_t>(x.size(0));
  const auto cols = static_cast<std::size_t>(x.size(1));
  const bool wide = rows <= cols;
  const std::vector<Vector> basis =
      orthonormal(std::min(x.size(0), x.size(1)), std::max(x.size(0), x.size(1)), generator);
  dispatch_floating("orthogonal_", x.dtype(), [&]<class T>() {
    const std::span<T> out = x.mutable_data<T>();
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < cols; ++j) {
        out[i * cols + j] = static_cast<T>(wide ? basis[i][j] : basis[j][i]);
      }
    }
  });
}

}  // namespace weft::nn::init
