#include "autograd/kernels/blas_check.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

#include "autograd/error.hpp"
#include "autograd/kernels/blas.hpp"
#include "autograd/kernels/thread_pool.hpp"
#include "autograd/threads.hpp"

namespace weft::kernels {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSide = 16;
constexpr int kProducts = 2000;  // per thread; takes about a millisecond
constexpr std::chrono::milliseconds kPatience{20};

/// a_il = a_i, integers that differ between threads; c_ij = n a_i a_j.
class KnownProduct {
 public:
  explicit KnownProduct(std::int64_t thread) : a_(kSide * kSide), c_(kSide * kSide) {
    for (int i = 0; i < kSide * kSide; ++i) {
      a_[i] = static_cast<float>((i / kSide + thread) % 7 + 1);
    }
  }

  bool comes_right() {
    blas_gram(kSide, a_.data(), c_.data());
    for (int i = 0; i < kSide; ++i) {
      for (int j = i; j < kSide; ++j) {
        if (c_[i * kSide + j] != kSide * a_[i * kSide] * a_[j * kSide]) {
          return false;
        }
      }
    }
    return true;
  }

 private:
  std::vector<float> a_, c_;
};

}  // namespace

void check_blas_threads() {
  const int threads = num_threads();
  const Clock::time_point end = Clock::now() + kPatience;
  std::atomic<int> ready{0};
  std::atomic<bool> wrong{false};
  run_chunks(threads, [&](std::int64_t thread) {
    KnownProduct product(thread);
    // Each thread continues until the last one is done, so that all overlap.
    for (int done = 1; ready < threads && !wrong && Clock::now() < end; ++done) {
      if (!product.comes_right()) {
        wrong = true;
      }
      ready += done == kProducts ? 1 : 0;
    }
  });
  if (wrong) {
    fail(
        "OpenBLAS: wrong products when {} threads compute at once; hint: another build of it, or "
        "one thread",
        threads);
  }
}

}  // namespace weft::kernels
