#pragma once

#include <span>
#include <vector>

#include "autograd/tensor.hpp"

namespace weft {

/// Where a token's key and value stand: in a row of a chunk, a matrix.
struct KeyPlace {
  std::int32_t chunk;  ///< its index
  std::int32_t row;    ///< of the chunk
};

/// The columns that `look_up` reads.
struct LookUpColumns {
  std::int64_t heads;  ///< of a query; each has as many features as E / heads
  std::int64_t E;      ///< width of a query, a key and a value
  std::int64_t key;    ///< first column of the keys in a chunk
  std::int64_t value;  ///< first column of the values
};

/// The result of `look_up` for N rows.
struct LookedUp {
  Tensor output;   ///< [N, E]
  Tensor weights;  ///< [S, N, heads], 0 behind a row's path; undefined for S = 0
};

/// Scaled dot-product attention of a decoder's step, outside any graph: each row of `query` (its
/// first E columns) attends to the tokens on its path. Keys and values are read where they stand,
/// so the rows may share them. A row without a path gets zeros. The bits of a row depend neither on
/// other rows nor on the width of vectors. S is the number of weights to return: 0, or as many as
/// the longest path has tokens, or more.
LookedUp look_up(const Tensor& query, std::span<const Tensor> chunks,
                 std::span<const std::vector<KeyPlace>> paths, const LookUpColumns& columns,
                 std::int64_t S = 0);

}  // namespace weft
