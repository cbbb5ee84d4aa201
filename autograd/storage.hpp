#pragma once

#include <cstddef>
#include <cstdint>

namespace weft {

/// Bytes held by tensors of this process.
struct MemoryStats {
  std::size_t live;  ///< bytes in use now
  std::size_t peak;  ///< largest `live` since the start or the last reset
};

MemoryStats memory_stats();
void reset_peak_memory();

/// Debugging aid: while on, fresh floating-point buffers hold NaN, so that a read before a write
/// shows. Off by default.
void fill_fresh_buffers_with_nan(bool on);

/// A 64-byte-aligned buffer, shared by a tensor and its views, with the version that tells a
/// backward function whether what it saved has been changed in place since.
class Storage {
 public:
  /// Uninitialized bytes (all ones, a NaN, under `fill_fresh_buffers_with_nan`).
  explicit Storage(std::size_t bytes);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

  std::uint64_t version() const { return version_; }
  void bump_version() { ++version_; }

 private:
  std::byte* data_;
  std::size_t bytes_;
  std::uint64_t version_ = 0;
};

}  // namespace weft
