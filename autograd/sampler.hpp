#pragma once

#include <utility>

#include "autograd/random.hpp"

namespace weft {

/// Draws shapes and values for gradient-check samples. Sizes are small and include 0 and 1, where
/// shape rules tend to break.
class Sampler {
 public:
  /// The same seed gives the same draws.
  explicit Sampler(std::uint64_t seed) : generator_(seed) {}

  /// A size in [low, high].
  std::int64_t size(std::int64_t low = 1, std::int64_t high = 4);
  /// A shape with a rank in the given range; about one in ten has a dimension of size 0.
  Shape shape(int min_rank = 0, int max_rank = 4);
  /// A shape without empty dimensions.
  Shape nonempty_shape(int min_rank = 0, int max_rank = 4);
  /// Two shapes that broadcast with each other: in one of them, or in both, dimensions are randomly
  /// dropped or set to 1.
  std::pair<Shape, Shape> broadcast_pair();
  /// A dimension of `shape`, randomly counted from the end (negative).
  std::int64_t dim(const Shape& shape);
  /// True with probability 1/2.
  bool coin() { return size(0, 1) == 1; }

  /// float64, normal, requires a gradient.
  Tensor normal(const Shape& shape);
  /// float64, uniform in [low, high), requires a gradient.
  Tensor uniform(const Shape& shape, double low, double high);
  /// float64, normal but at least `margin` away from 0 (a kink or a pole), requires a gradient.
  Tensor away_from_zero(const Shape& shape, double margin = 0.1);
  /// int64 in [0, n).
  Tensor ids(const Shape& shape, std::int64_t n);
  /// A random mask.
  Tensor mask(const Shape& shape);

  /// The underlying generator, for other kinds of draws.
  Generator& generator() { return generator_; }

 private:
  Generator generator_;
};

}  // namespace weft
