#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace weft {

/// A caching allocator for the buffers of tensors: freed memory is kept. A training step frees
/// hundreds of megabytes and then requests the same amount again; malloc would return them to the
/// system and get them back page by page, zeroed.
///
/// A request is served from the smallest free block that is large enough, the lowest address among
/// equals; a freed block is merged with its free neighbors. So batches of other lengths reuse the
/// space of earlier ones, and the heap grows only to the largest amount in use at one time. All
/// functions are thread-safe.
class BufferHeap {
 public:
  BufferHeap() = default;
  /// Frees all memory. No buffer may be in use.
  ~BufferHeap();
  BufferHeap(const BufferHeap&) = delete;
  BufferHeap& operator=(const BufferHeap&) = delete;

  /// The process-wide heap for buffers of this size. There is one for small and one for large
  /// buffers: small, long-lived ones would otherwise fragment the space that large, recurring ones
  /// need. The heaps are never destroyed, because tensors may live until the process exits.
  static BufferHeap& of(std::size_t bytes);
  /// Returns the free memory of both heaps to the system.
  static void release_all();

  /// Whether a buffer of this size should come from here rather than from malloc. malloc handles
  /// small buffers well, and maps and unmaps each of the largest ones separately.
  static constexpr bool suits(std::size_t bytes) { return bytes >= kSmallest && bytes <= kLargest; }

  /// Returns `bytes` bytes of memory, aligned to 64 bytes. Throws std::bad_alloc if there is none.
  std::byte* take(std::size_t bytes);
  /// Returns a buffer from `take` to the heap.
  void give_back(std::byte* data);

  /// Returns the memory of all free blocks to the system. Their addresses stay reserved.
  void release();

  /// Total size of all blocks in bytes, free or in use, whether or not the system has their memory.
  std::size_t reserved() const;

 private:
  using Free = std::set<std::pair<std::size_t, std::byte*>>;
  struct Block {
    std::size_t bytes;
    bool free;
    /// While the block is in use, its node for `free_`: giving the block back then allocates
    /// nothing, so it works even when memory has run out.
    Free::node_type entry = {};
  };
  using Blocks = std::map<std::byte*, Block>;

  static constexpr std::size_t kSmallest = std::size_t{4} << 10;
  static constexpr std::size_t kLarge = std::size_t{256} << 10;
  static constexpr std::size_t kLargest = std::size_t{32} << 20;

  void grow(std::size_t bytes);
  void cut(Blocks::iterator block, std::size_t bytes);
  static std::array<BufferHeap, 2>& both();

  mutable std::mutex mutex_;
  Blocks blocks_;                                             // by address
  Free free_;                                                 // free blocks by size
  std::vector<std::pair<std::byte*, std::size_t>> segments_;  // obtained from the system
};

}  // namespace weft
