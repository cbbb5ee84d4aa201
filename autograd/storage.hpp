#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace weft {

/// Bytes held by tensors of this process.
struct MemoryStats {
  std::size_t live;  ///< bytes in use now
  std::size_t peak;  ///< largest `live` since the start or the last reset
};

/// The numbers of this moment.
MemoryStats memory_stats();
/// Sets `peak` to what is live now.
void reset_peak_memory();

/// Gives the system the memory of buffers that are no longer in use; weft keeps it for the next
/// ones (buffer_heap.hpp). What is in use stays as it is, and so do the numbers of `memory_stats`.
void release_free_buffers();

/// Debugging aid: while on, fresh floating-point buffers hold NaN, so that a read before a write
/// shows. Off by default.
void fill_fresh_buffers_with_nan(bool on);

/// A weight rearranged for weft's own matrix product (packed_product.cpp).
struct PackedWeight;

/// A 64-byte-aligned buffer, shared by a tensor and its views, with the version that tells a
/// backward function whether what it saved has been changed in place since.
class Storage {
 public:
  /// Uninitialized bytes (all ones, a NaN, under `fill_fresh_buffers_with_nan`).
  explicit Storage(std::size_t bytes);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  /// Its first byte.
  std::byte* data() const { return data_; }
  /// Its size.
  std::size_t bytes() const { return bytes_; }

  /// How often it was changed in place.
  std::uint64_t version() const { return version_; }
  /// Counts a change in place.
  void bump_version() {
    ++version_;
    packed_ = {};
  }
  /// What packed_product.cpp keeps here of a matrix and of its transpose until the next change.
  std::array<std::shared_ptr<const PackedWeight>, 2>& packed() { return packed_; }

 private:
  std::byte* data_;
  std::size_t bytes_;
  std::uint64_t version_ = 0;
  std::array<std::shared_ptr<const PackedWeight>, 2> packed_;
};

}  // namespace weft
