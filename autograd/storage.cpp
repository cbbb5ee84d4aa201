#include "autograd/storage.hpp"

#include <atomic>
#include <cstring>
#include <new>

#include "autograd/buffer_heap.hpp"

namespace weft {
namespace {

constexpr std::align_val_t kAlignment{64};  // a cache line, and the widest vector register

std::atomic<std::size_t> live_bytes{0};
std::atomic<std::size_t> peak_bytes{0};
std::atomic<bool> fill_with_nan{false};

void count(std::size_t bytes) {
  const std::size_t live = live_bytes.fetch_add(bytes) + bytes;
  std::size_t peak = peak_bytes.load();
  while (peak < live && !peak_bytes.compare_exchange_weak(peak, live)) {
  }
}

#if defined(__SANITIZE_ADDRESS__)
#define WEFT_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_ADDRESS_SANITIZER
#endif
#endif

/// Whether the buffer comes from the caching heap. Never under the address sanitizer, which could
/// not detect a use after free there.
constexpr bool is_kept([[maybe_unused]] std::size_t bytes) {
#if defined(WEFT_ADDRESS_SANITIZER)
  return false;
#else
  return BufferHeap::suits(bytes);
#endif
}

std::byte* allocate(std::size_t bytes) {
  return is_kept(bytes) ? BufferHeap::of(bytes).take(bytes)
                        : static_cast<std::byte*>(::operator new(bytes, kAlignment));
}

}  // namespace

MemoryStats memory_stats() { return {live_bytes.load(), peak_bytes.load()}; }

void reset_peak_memory() { peak_bytes = live_bytes.load(); }

void release_free_buffers() { BufferHeap::release_all(); }

void fill_fresh_buffers_with_nan(bool on) { fill_with_nan = on; }

Storage::Storage(std::size_t bytes) : data_(allocate(bytes)), bytes_(bytes) {
  count(bytes);
  if (fill_with_nan) {
    std::memset(data_, 0xFF, bytes);
  }
}

Storage::~Storage() {
  live_bytes -= bytes_;
  if (is_kept(bytes_)) {
    BufferHeap::of(bytes_).give_back(data_);
  } else {
    ::operator delete(data_, kAlignment);
  }
}

}  // namespace weft
