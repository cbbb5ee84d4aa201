#include "autograd/kernels/blas_check.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "autograd/error.hpp"
#include "autograd/kernels/blas.hpp"
#include "autograd/kernels/thread_pool.hpp"
#include "autograd/threads.hpp"

namespace weft::kernels {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSide = 16;
constexpr int kProducts = 1000;  // half a millisecond
constexpr std::chrono::milliseconds kPatience{5};

/// a_il = a_i, in whole numbers that differ from thread to thread; c_ij = n a_i a_j.
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
  std::atomic<int> come{0};
  std::atomic<bool> wrong{false};
  run_chunks(threads, [&](std::int64_t thread) {
    KnownProduct product(thread);
    ++come;
    while (come < threads && Clock::now() < end) {
      std::this_thread::yield();
    }
    for (int i = 0; come == threads && i < kProducts && !wrong; ++i) {
      wrong = wrong || !product.comes_right();
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
