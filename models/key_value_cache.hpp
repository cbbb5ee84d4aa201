#pragma once

#include <vector>

#include "autograd/kernels/look_up.hpp"

namespace weft::models {

/// What the rows of a session attend to in each layer: keys and values of the tokens on each row's
/// path. They stand in chunks, products for many tokens at once, which are used as they come:
/// nothing is moved or copied when a step adds tokens, or when rows are kept, duplicated, reordered
/// or joined; only the paths change, which all layers have in common. A chunk whose tokens are on
/// no path any more is dropped after a while.
class KeyValueCache {
 public:
  /// For rows with these paths, through chunks that are still to be added. `columns` says where the
  /// keys and values of a chunk are.
  KeyValueCache(std::int64_t layers, std::vector<std::vector<KeyPlace>> paths,
                const LookUpColumns& columns);

  /// Adds row n of the next chunk to the path of each row n.
  void extend();
  /// Adds the next chunk [tokens, width] of a layer. Layers must have equally many again when
  /// `select` or `join` is called.
  void add(std::size_t layer, const Tensor& chunk);

  /// Attention of the queries of all rows, in the first E columns of `query` [N, ..], as `look_up`
  /// computes it. If it is recorded, there are no weights.
  LookedUp attend(std::size_t layer, const Tensor& query, std::int64_t S = 0) const;

  /// The number of rows.
  std::size_t rows() const { return paths_.size(); }
  /// The number of chunks of a layer that are kept.
  std::size_t chunks() const { return chunks_[0].size(); }

  /// Replaces the rows: new row i has the path of old row rows[i].
  void select(const Tensor& rows);
  /// Appends the rows of another cache.
  void join(const KeyValueCache& other);

 private:
  Tensor attend_recorded(std::size_t layer, const Tensor& query) const;
  void drop_unused();

  LookUpColumns columns_;
  std::vector<std::vector<KeyPlace>> paths_;  // of each row
  std::vector<std::vector<Tensor>> chunks_;   // of each layer
  std::size_t many_ = 32;                     // chunks from which on it is worth looking for unused
};

}  // namespace weft::models
