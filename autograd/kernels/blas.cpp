#include "autograd/kernels/blas.hpp"

#include <cblas.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "autograd/error.hpp"

// Internal functions of OpenBLAS. They are not in its headers, but in all builds known to us.
extern "C" {
[[gnu::weak]] void* blas_memory_alloc(int);
[[gnu::weak]] void blas_memory_free(void*);
}

namespace weft::kernels {
namespace {

void call(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const float* a, int lda,
          const float* b, int ldb, float beta, float* c, int ldc) {
  cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

void call(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const double* a, int lda,
          const double* b, int ldb, double beta, double* c, int ldc) {
  cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

constexpr std::size_t kBuffer = std::size_t{136} << 20;  // above OpenBLAS's 128 MiB

std::mutex mutex;            // guards the variables below
std::size_t threads = 0;     // running threads that have called OpenBLAS
bool told = false;           // whether OpenBLAS was told to compute in the calling thread
std::vector<void*> buffers;  // mapped by OpenBLAS

/// Whether OpenBLAS can map another buffer. If it cannot, it retries forever.
bool has_room() {
  void* const probe = mmap(nullptr, kBuffer, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return probe != MAP_FAILED && munmap(probe, kBuffer) == 0;
}

/// Buffers allocated from OpenBLAS in the same way as its own calls do: it maps a new one when all
/// existing ones are in use.
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

/// Makes OpenBLAS map the buffers that this many concurrent calls need.
void reserve(std::size_t calls) {
  Taken taken;
  while (buffers.size() < calls) {
    if (!has_room()) {
      fail(
          "OpenBLAS: too little memory allowed for thread {}; expected {} MiB more for each; hint: "
          "ulimit -v and -d, or fewer threads",
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

/// A thread that calls OpenBLAS, from its first call until its end. Makes OpenBLAS compute in the
/// calling thread, which has to be requested differently in each of its builds: weft manages its
/// own threads, and OpenBLAS's would sum in a different order. Also makes sure that OpenBLAS has
/// memory for as many concurrent calls as there are such threads.
class BlasThread {
 public:
  BlasThread() {
    const std::lock_guard lock(mutex);
    const int build = openblas_get_parallel();
    if (build == OPENBLAS_OPENMP || !std::exchange(told, true)) {  // OpenMP: set per thread
      openblas_set_num_threads(1);
    }
    reserve(build == OPENBLAS_SEQUENTIAL ? 1 : threads + 1);
    ++threads;
  }
  ~BlasThread() {
    const std::lock_guard lock(mutex);
    --threads;
  }
  BlasThread(const BlasThread&) = delete;
  BlasThread& operator=(const BlasThread&) = delete;
};

/// A thread must hold one of these while it calls OpenBLAS.
class BlasCall {
 public:
  BlasCall() {
    static const bool one_at_a_time = openblas_get_parallel() == OPENBLAS_SEQUENTIAL;
    if (one_at_a_time) {  // Debian's serial build computes garbage if two threads call it at once
      static std::mutex one;
      lock_ = std::unique_lock(one);
    }
    [[maybe_unused]] thread_local const BlasThread thread;
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

CBLAS_TRANSPOSE flag(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }

}  // namespace

template <class T>
void blas_product(const MatrixView<const T>& a, const MatrixView<const T>& b,
                  const MatrixView<T>& c, bool accumulate) {
  const BlasCall here;
  call(flag(a.transposed), flag(b.transposed), static_cast<int>(c.rows), static_cast<int>(c.cols),
       static_cast<int>(a.cols), a.data, static_cast<int>(a.ld), b.data, static_cast<int>(b.ld),
       accumulate ? T{1} : T{0}, c.data, static_cast<int>(c.ld));
}

template void blas_product<float>(const MatrixView<const float>&, const MatrixView<const float>&,
                                  const MatrixView<float>&, bool);
template void blas_product<double>(const MatrixView<const double>&, const MatrixView<const double>&,
                                   const MatrixView<double>&, bool);

void blas_gram(int n, const float* a, float* c) {
  const BlasCall here;
  cblas_ssyrk(CblasRowMajor, CblasUpper, CblasNoTrans, n, n, 1, a, n, 0, c, n);
}

}  // namespace weft::kernels

namespace weft {

std::string blas_core() { return openblas_get_corename(); }

}  // namespace weft
