#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace weft {

/// Memory for the buffers of tensors, kept when they are freed. A training step frees and asks for
/// the same hundreds of megabytes again; malloc would give them back to the system, and get them
/// again page by page, cleared.
///
/// A buffer is cut out of the smallest free block that it fits in, the lowest among equals, and
/// merges with its free neighbours when it comes back. So batches of other lengths find room where
/// earlier ones stood, and the heap grows to what was needed at once, not further. Its functions
/// may be called by several threads at once.
class BufferHeap {
 public:
  BufferHeap() = default;
  /// Frees all memory: no buffer may be in use.
  ~BufferHeap();
  BufferHeap(const BufferHeap&) = delete;
  BufferHeap& operator=(const BufferHeap&) = delete;

  /// The program's heap for buffers of this size. There is one for small and one for large ones:
  /// what is small and stays would break up the room of what is large and comes again. They are
  /// never destroyed, as tensors may live as long as the program.
  static BufferHeap& of(std::size_t bytes);
  /// Lets the system have the free memory of both.
  static void release_all();

  /// Whether a buffer of this size is better kept here than left to malloc: small ones are its
  /// daily business, and the largest it takes from the system and gives back each by itself.
  static constexpr bool suits(std::size_t bytes) { return bytes >= kSmallest && bytes <= kLargest; }

  /// `bytes` of memory, aligned to 64 bytes. Throws std::bad_alloc if there is none.
  std::byte* take(std::size_t bytes);
  /// Takes back what `take` gave.
  void give_back(std::byte* data);

  /// Lets the system have the memory of all free blocks. Their addresses stay reserved.
  void release();

  /// Bytes of all blocks, of free ones too, whether the system has their memory or not.
  std::size_t reserved() const;

 private:
  using Free = std::set<std::pair<std::size_t, std::byte*>>;
  struct Block {
    std::size_t bytes;
    bool free;
    /// While the block is in use, its entry of `free_`: giving it back then needs no memory, and
    /// may happen while memory has run out.
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
  Blocks blocks_;                                             // in the order of their addresses
  Free free_;                                                 // the free ones, by size
  std::vector<std::pair<std::byte*, std::size_t>> segments_;  // what the system gave
};

}  // namespace weft
