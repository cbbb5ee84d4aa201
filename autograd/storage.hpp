#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace weft {

/// Memory held by the tensors of this process.
struct MemoryStats {
  std::size_t live;  ///< bytes in use now
  std::size_t peak;  ///< largest `live` since the start or the last reset
};

/// The current statistics.
MemoryStats memory_stats();
/// Resets `peak` to the current `live`.
void reset_peak_memory();

/// Returns the memory of unused buffers to the system; weft normally caches it for later buffers
/// (buffer_heap.hpp). Buffers in use and the numbers of `memory_stats` do not change.
void release_free_buffers();

/// Debugging aid: while on, new floating-point buffers are filled with NaN, so that a read before a
/// write shows. Off by default.
void fill_fresh_buffers_with_nan(bool on);

/// A weight rearranged for weft's own matrix product (packed_product.cpp).
struct PackedWeight;

/// A 64-byte-aligned buffer, shared by a tensor and its views, with a version that tells a backward
/// function whether a saved input has been modified in place since.
class Storage {
 public:
  /// Uninitialized bytes (all ones, a NaN, under `fill_fresh_buffers_with_nan`).
  explicit Storage(std::size_t bytes);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  /// The first byte.
  std::byte* data() const { return data_; }
  /// The size in bytes.
  std::size_t bytes() const { return bytes_; }

  /// The number of in-place modifications.
  std::uint64_t version() const { return version_; }
  /// Records an in-place modification.
  void bump_version() {
    ++version_;
    packed_ = {};
  }
  /// Cache of packed_product.cpp for a matrix and for its transpose; valid until the next
  /// modification.
  std::array<std::shared_ptr<const PackedWeight>, 2>& packed() { return packed_; }

 private:
  std::byte* data_;
  std::size_t bytes_;
  std::uint64_t version_ = 0;
  std::array<std::shared_ptr<const PackedWeight>, 2> packed_;
};

}  // namespace weft
