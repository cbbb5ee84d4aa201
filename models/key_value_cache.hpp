#pragma once

#include "autograd/tensor.hpp"

namespace weft::models {

/// The keys and values of the tokens that a decoder has read, [t, N, E] each: one column per row of
/// a session. Memory is reserved in advance, so that a step writes one row and copies none.
class KeyValueCache {
 public:
  /// For N rows of width E.
  KeyValueCache(std::int64_t N, std::int64_t E, DType dtype);
  ///@{ Moved, never copied: copies would write to the same memory.
  KeyValueCache(KeyValueCache&&) = default;
  KeyValueCache& operator=(KeyValueCache&&) = default;
  KeyValueCache(const KeyValueCache&) = delete;
  KeyValueCache& operator=(const KeyValueCache&) = delete;
  ///@}

  /// Appends the key and value [N, E] of one token of each row. They are recorded if they require a
  /// gradient; every step then copies the cache.
  void append(const Tensor& key, const Tensor& value);

  ///@{ All of them, [t, N, E].
  Tensor keys() const { return all(keys_); }
  Tensor values() const { return all(values_); }
  ///@}
  /// t.
  std::int64_t size() const { return size_; }

  /// Replaces the columns: new column i is a copy of old column rows[i], from step `first` on.
  void select(const Tensor& rows, std::int64_t first = 0);
  /// Appends the columns of another cache. Both end at the same step then; a shorter one gets zeros
  /// before its beginning.
  void join(const KeyValueCache& other);

 private:
  Tensor all(const Tensor& memory) const;

  Tensor keys_;    // [capacity, N, E]
  Tensor values_;  // [capacity, N, E]
  std::int64_t size_ = 0;
};

}  // namespace weft::models
