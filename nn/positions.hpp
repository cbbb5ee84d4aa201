#pragma once

#include <functional>
#include <mutex>

#include "autograd/tensor.hpp"

/// What tells a Transformer the order of its tokens.
namespace weft::nn {

/// Sinusoidal positions [T, E] (equation in positions.cpp), float32. Throws Error unless both sizes
/// are at least 1.
Tensor sinusoidal_positions(std::int64_t T, std::int64_t E);

///@{ The cosines and sines of the angles by which rotary positions turn the pairs of a head of d
/// features: [T, d], float32. Throws Error unless both sizes are at least 1 and d is even.
Tensor rotary_cosines(std::int64_t T, std::int64_t d);
Tensor rotary_sines(std::int64_t T, std::int64_t d);
///@}

/// The angles for some positions, in a shape that broadcasts to a query or key [..., T, d].
struct Rotation {
  Tensor cos;  ///< their cosines; undefined: no rotation
  Tensor sin;  ///< their sines
};

/// Turns queries or keys [..., d] by their positions (Su et al. 2021, arXiv:2104.09864): their dot
/// products then depend on their distance alone.
Tensor rotate(const Tensor& x, const Rotation& rotation);

/// A table with a row per position that is computed as far as it has been needed, by any thread.
class PositionTable {
 public:
  /// `make(T)` returns the first T rows.
  explicit PositionTable(std::function<Tensor(std::int64_t)> make) : make_(std::move(make)) {}

  /// The rows of positions 0 to T - 1, [T, ...].
  Tensor first(std::int64_t T) const;
  /// The rows of positions `ids` [N] (int64), [N, ...].
  Tensor at(const Tensor& ids) const;

 private:
  std::function<Tensor(std::int64_t)> make_;
  mutable std::mutex mutex_;
  mutable Tensor rows_;
};

}  // namespace weft::nn
