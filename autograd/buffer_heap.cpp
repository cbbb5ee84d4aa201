#include "autograd/buffer_heap.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <new>

namespace weft {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kSegment = std::size_t{64} << 20;  // by which the heap grows, untouched

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

std::byte* map_memory(std::size_t bytes) {
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<std::byte*>(memory);
}

}  // namespace

BufferHeap::~BufferHeap() {
  for (const auto& [memory, bytes] : segments_) {
    munmap(memory, bytes);
  }
}

std::array<BufferHeap, 2>& BufferHeap::both() {
  static std::array<BufferHeap, 2>& heaps = []() -> std::array<BufferHeap, 2>& {
    // A child of fork() must not find a lock in the hands of a thread that it does not have.
    const auto lock = [] { std::ranges::for_each(both(), [](auto& h) { h.mutex_.lock(); }); };
    const auto unlock = [] { std::ranges::for_each(both(), [](auto& h) { h.mutex_.unlock(); }); };
    pthread_atfork(lock, unlock, unlock);
    return *new std::array<BufferHeap, 2>;
  }();
  return heaps;
}

BufferHeap& BufferHeap::of(std::size_t bytes) { return both()[bytes < kLarge ? 0 : 1]; }

void BufferHeap::release_all() { std::ranges::for_each(both(), &BufferHeap::release); }

std::byte* BufferHeap::take(std::size_t bytes) {
  const std::size_t size = round_up(bytes, kAlignment);
  const std::lock_guard lock(mutex_);
  auto fit = free_.lower_bound({size, nullptr});
  if (fit == free_.end()) {
    grow(size);
    fit = free_.lower_bound({size, nullptr});
  }
  const auto block = blocks_.find(fit->second);
  cut(block, size);
  block->second.entry = free_.extract(fit);
  block->second.free = false;
  return block->first;
}

void BufferHeap::give_back(std::byte* data) {
  const std::lock_guard lock(mutex_);
  auto block = blocks_.find(data);
  Free::node_type entry = std::move(block->second.entry);
  block->second.free = true;
  if (const auto next = std::next(block);
      next != blocks_.end() && next->second.free && data + block->second.bytes == next->first) {
    free_.erase({next->second.bytes, next->first});
    block->second.bytes += next->second.bytes;
    blocks_.erase(next);
  }
  if (block != blocks_.begin()) {
    const auto before = std::prev(block);
    if (before->second.free && before->first + before->second.bytes == data) {
      free_.erase({before->second.bytes, before->first});
      before->second.bytes += block->second.bytes;
      blocks_.erase(block);
      block = before;
    }
  }
  entry.value() = {block->second.bytes, block->first};
  free_.insert(std::move(entry));
}

void BufferHeap::release() {
  const std::lock_guard lock(mutex_);
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (const auto& [bytes, data] : free_) {
    const std::size_t skipped = (page - reinterpret_cast<std::uintptr_t>(data) % page) % page;
    if (bytes > skipped + page) {
      madvise(data + skipped, (bytes - skipped) / page * page, MADV_DONTNEED);
    }
  }
}

std::size_t BufferHeap::reserved() const {
  const std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const auto& segment : segments_) {
    bytes += segment.second;
  }
  return bytes;
}

/// Adds a free block of at least `bytes`.
void BufferHeap::grow(std::size_t bytes) {
  segments_.reserve(segments_.size() + 1);
  std::size_t size = std::max(bytes, kSegment);
  std::byte* memory = map_memory(size);
  if (memory == nullptr) {  // perhaps there is still as much as is needed now
    size = bytes;
    memory = map_memory(size);
  }
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  try {
    blocks_.insert({memory, Block{size, true}});
    free_.insert({size, memory});
  } catch (...) {
    blocks_.erase(memory);
    munmap(memory, size);
    throw;
  }
  segments_.emplace_back(memory, size);
}

/// Makes what a block has beyond `bytes` a free one, if a buffer would fit there.
void BufferHeap::cut(Blocks::iterator block, std::size_t bytes) {
  const std::size_t rest = block->second.bytes - bytes;
  if (rest < kSmallest) {
    return;
  }
  const auto made = blocks_.insert({block->first + bytes, Block{rest, true}}).first;
  try {
    free_.insert({rest, block->first + bytes});
  } catch (...) {
    blocks_.erase(made);
    throw;
  }
  block->second.bytes = bytes;
}

}  // namespace weft
