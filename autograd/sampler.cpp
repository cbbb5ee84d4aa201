#include "autograd/sampler.hpp"

#include <algorithm>
#include <cmath>

namespace weft {

std::int64_t Sampler::size(std::int64_t low, std::int64_t high) {
  return low + generator_.integer(high - low + 1);
}

Shape Sampler::nonempty_shape(int min_rank, int max_rank) {
  Shape shape(static_cast<std::size_t>(size(min_rank, max_rank)));
  std::ranges::generate(shape, [this] { return size(); });
  return shape;
}

Shape Sampler::shape(int min_rank, int max_rank) {
  Shape result = nonempty_shape(min_rank, max_rank);
  if (!result.empty() && size(1, 10) == 1) {
    result[static_cast<std::size_t>(generator_.integer(static_cast<std::int64_t>(result.size())))] =
        0;
  }
  return result;
}

std::pair<Shape, Shape> Sampler::broadcast_pair() {
  const Shape whole = shape();
  const auto shrink = [&] {
    Shape part(whole.begin() + size(0, static_cast<std::int64_t>(whole.size())), whole.end());
    std::ranges::replace_if(
        part, [&](std::int64_t) { return size(1, 4) == 1; }, 1);
    return part;
  };
  switch (size(0, 2)) {
    case 0:
      return {whole, shrink()};
    case 1:
      return {shrink(), whole};
    default: {  // each is stretched along different dimensions
      std::pair both = {whole, whole};
      for (std::size_t i = 0; i < whole.size(); ++i) {
        (coin() ? both.first : both.second)[i] = 1;
      }
      return both;
    }
  }
}

std::int64_t Sampler::dim(const Shape& shape) {
  const auto rank = static_cast<std::int64_t>(shape.size());
  return generator_.integer(2 * rank) - rank;
}

Tensor Sampler::normal(const Shape& shape) {
  return randn(shape, generator_, DType::float64).set_requires_grad();
}

Tensor Sampler::uniform(const Shape& shape, double low, double high) {
  return rand(shape, low, high, generator_, DType::float64).set_requires_grad();
}

Tensor Sampler::away_from_zero(const Shape& shape, double margin) {
  Tensor result = randn(shape, generator_, DType::float64);
  for (double& value : result.mutable_data<double>()) {
    value += std::copysign(margin, value);
  }
  return result.set_requires_grad();
}

Tensor Sampler::ids(const Shape& shape, std::int64_t n) {
  Tensor result = empty(shape, DType::int64);
  std::ranges::generate(result.mutable_data<std::int64_t>(), [&] { return generator_.integer(n); });
  return result;
}

Tensor Sampler::mask(const Shape& shape) {
  Tensor result = empty(shape, DType::boolean);
  std::ranges::generate(result.mutable_data<bool>(), [this] { return coin(); });
  return result;
}

}  // namespace weft
