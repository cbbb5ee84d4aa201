#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace weft {

/// Sizes of a tensor, outermost first; `{}` is a scalar.
using Shape = std::vector<std::int64_t>;

/// Number of elements; throws Error on a negative size or an overflow.
std::int64_t numel(const Shape& shape);

/// The shape two operands broadcast to (NumPy's rule: align right, 1 stretches).
/// Throws Error naming `where` and both shapes if they do not fit.
Shape broadcast_shapes(std::string_view where, const Shape& a, const Shape& b);

/// True if `from` can be stretched to `to`.
bool broadcasts_to(const Shape& from, const Shape& to);

/// Maps a dimension in [-rank, rank) to [0, rank); throws Error naming `where` otherwise.
std::int64_t wrap_dim(std::string_view where, std::int64_t dim, std::int64_t rank);

}  // namespace weft
