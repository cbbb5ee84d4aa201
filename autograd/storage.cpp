#include "autograd/storage.hpp"

#include <atomic>
#include <cstring>
#include <new>

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

}  // namespace

MemoryStats memory_stats() { return {live_bytes.load(), peak_bytes.load()}; }

void reset_peak_memory() { peak_bytes = live_bytes.load(); }

void fill_fresh_buffers_with_nan(bool on) { fill_with_nan = on; }

Storage::Storage(std::size_t bytes)
    : data_(static_cast<std::byte*>(::operator new(bytes, kAlignment))), bytes_(bytes) {
  count(bytes);
  if (fill_with_nan) {
    std::memset(data_, 0xFF, bytes);
  }
}

Storage::~Storage() {
  live_bytes -= bytes_;
  ::operator delete(data_, kAlignment);
}

}  // namespace weft
