#include "autograd/kernels/blas_thread.hpp"

#include <cblas.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "autograd/error.hpp"

// OpenBLAS's own, in all its builds that are known; not in its headers.
extern "C" {
[[gnu::weak]] void* blas_memory_alloc(int);
[[gnu::weak]] void blas_memory_free(void*);
}

namespace weft::kernels {
namespace {

constexpr std::size_t kBuffer = std::size_t{136} << 20;  // OpenBLAS's is 128 MiB

std::mutex mutex;            // guards all below
std::size_t threads = 0;     // that have called OpenBLAS, and live
bool told = false;           // to work in the calling thread
std::vector<void*> buffers;  // that OpenBLAS has mapped

/// Whether OpenBLAS can map another buffer: where it cannot it tries again for ever.
bool has_room() {
  void* const probe = mmap(nullptr, kBuffer, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return probe != MAP_FAILED && munmap(probe, kBuffer) == 0;
}

/// Buffers taken from OpenBLAS, as calls take them: it maps one if all that it has are taken.
class Taken {
 public:
  Taken() = default;
  ~Taken() { std::ranges::for_each(buffers_, blas_memory_free); }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;

  void* another() {
    buffers_.reserve(buffers_.size() + 1);
    void* const buffer = blas_memory_alloc(0);
    if (buffer == nullptr) {
      fail("OpenBLAS: built for fewer threads; hint: fewer threads");
    }
    return buffers_.emplace_back(buffer);
  }

 private:
  std::vector<void*> buffers_;
};

/// Has OpenBLAS map the buffers that so many calls at once will need.
void reserve(std::size_t calls) {
  Taken taken;
  while (buffers.size() < calls) {
    if (!has_room()) {
      fail(
          "OpenBLAS: too little address space for thread {}; expected {} MiB more for each; hint: "
          "ulimit -v, or fewer threads",
          calls, kBuffer >> 20);
    }
    if (blas_memory_alloc == nullptr) {
      return;
    }
    buffers.reserve(calls);
    void* const buffer = taken.another();
    if (std::ranges::find(buffers, buffer) == buffers.end()) {
      buffers.push_back(buffer);
    }
  }
}

}  // namespace

BlasThread::BlasThread() {
  const std::lock_guard lock(mutex);
  const int build = openblas_get_parallel();
  if (build == OPENBLAS_OPENMP || !std::exchange(told, true)) {  // OpenMP keeps it by thread
    openblas_set_num_threads(1);
  }
  reserve(build == OPENBLAS_SEQUENTIAL ? 1 : threads + 1);
  ++threads;
}

BlasThread::~BlasThread() {
  const std::lock_guard lock(mutex);
  --threads;
}

}  // namespace weft::kernels
