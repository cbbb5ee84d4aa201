#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weft {

/// Sizes of a tensor, outermost first; `{}` is a scalar.
using Shape = std::vector<std::int64_t>;
/// {height, width}
using Size2 = std::array<std::int64_t, 2>;

/// Number of elements. Throws Error on a negative size or an overflow.
std::int64_t numel(const Shape& shape);

/// The shape that two operands broadcast to (NumPy's rules: align right, stretch 1). Throws Error
/// naming `where` and both shapes if they do not fit.
Shape broadcast_shapes(std::string_view where, const Shape& a, const Shape& b);

/// True if `from` can be broadcast to `to`.
bool broadcasts_to(const Shape& from, const Shape& to);

/// Maps a dimension in [-rank, rank) to [0, rank). Throws Error naming `where` if out of range.
std::int64_t wrap_dim(std::string_view where, std::int64_t dim, std::int64_t rank);

}  // namespace weft
