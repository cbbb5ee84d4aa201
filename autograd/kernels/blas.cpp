#include "autograd/kernels/blas.hpp"

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

void call(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const float* a, int lda,
          const float* b, int ldb, float beta, float* c, int ldc) {
  cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

void call(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const double* a, int lda,
          const double* b, int ldb, double beta, double* c, int ldc) {
  cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

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

/// A thread that calls OpenBLAS, from its first call until its end. OpenBLAS is kept on the calling
/// thread, which each of its builds has to be told in its own way: the threads are weft's business,
/// and its own sum in another order. And it has memory for as many calls at once as there are such
/// threads.
class BlasThread {
 public:
  BlasThread() {
    const std::lock_guard lock(mutex);
    const int build = openblas_get_parallel();
    if (build == OPENBLAS_OPENMP || !std::exchange(told, true)) {  // OpenMP keeps it by thread
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

/// While one exists, its thread may call OpenBLAS.
class BlasCall {
 public:
  BlasCall() {
    static const bool one_at_a_time = openblas_get_parallel() == OPENBLAS_SEQUENTIAL;
    if (one_at_a_time) {  // Debian's serial build computes garbage for two threads at once
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
