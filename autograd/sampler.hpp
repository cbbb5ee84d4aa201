#pragma once

#include <utility>

#include "autograd/random.hpp"

namespace weft {

/// Draws the shapes and values of gradient-check samples. Small sizes, 0 and 1 among them, are
/// where shape rules break.
class Sampler {
 public:
  /// The same seed gives the same draws.
  explicit Sampler(std::uint64_t seed) : generator_(seed) {}

  /// A size in [low, high].
  std::int64_t size(std::int64_t low = 1, std::int64_t high = 4);
  /// A shape of the given rank range; about one in ten has a dimension of size 0.
  Shape shape(int min_rank = 0, int max_rank = 4);
  /// A shape without empty dimensions.
  Shape nonempty_shape(int min_rank = 0, int max_rank = 4);
  /// Two shapes that broadcast to each other: from one of them, the other or both, dimensions are
  /// dropped or set to 1 at random.
  std::pair<Shape, Shape> broadcast_pair();
  /// A dimension of `shape`, at random counted from the end (negative).
  std::int64_t dim(const Shape& shape);
  /// True every other time.
  bool coin() { return size(0, 1) == 1; }

  /// float64, normal, asking for a gradient.
  Tensor normal(const Shape& shape);
  /// float64, uniform in [low, high), asking for a gradient.
  Tensor uniform(const Shape& shape, double low, double high);
  /// float64, normal but at least `margin` away from 0 (a kink or a pole), asking for a gradient.
  Tensor away_from_zero(const Shape& shape, double margin = 0.1);
  /// int64 in [0, n).
  Tensor ids(const Shape& shape, std::int64_t n);
  /// A random mask.
  Tensor mask(const Shape& shape);

  /// What it draws from, for draws that it does not offer.
  Generator& generator() { return generator_; }

 private:
  Generator generator_;
};

}  // namespace weft
