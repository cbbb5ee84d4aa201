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

constexpr std::int64_t kSide = 128;  // large enough for OpenBLAS to need its buffers
constexpr int kRounds = 16;
constexpr std::chrono::milliseconds kPatience{5};

/// Where threads wait for each other, as calls that begin together are likeliest to disturb each
/// other.
class Meeting {
 public:
  explicit Meeting(int threads) : threads_(threads) {}

  /// Whether all have come for the round of this number; false if that takes too long.
  bool all_come(int round) {
    ++come_;
    while (come_ < threads_ * (round + 1)) {
      if (std::chrono::steady_clock::now() > end_) {
        return false;
      }
      std::this_thread::yield();
    }
    return true;
  }

 private:
  const int threads_;
  std::atomic<int> come_{0};
  const std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + kPatience;
};

/// c_ij = n a_i b_j, in whole numbers that differ from thread to thread.
class KnownProduct {
 public:
  explicit KnownProduct(std::int64_t thread) {
    for (std::int64_t i = 0; i < kSide; ++i) {
      for (std::int64_t j = 0; j < kSide; ++j) {
        a_.push_back(static_cast<float>((i + thread) % 7 - 3));
        b_.push_back(static_cast<float>((j + 2 * thread) % 5 - 2));
        expected_.push_back(kSide * a_.back() * b_.back());
      }
    }
    c_.resize(expected_.size());
  }

  bool comes_right() {
    blas_product<float>({a_.data(), kSide, kSide, kSide}, {b_.data(), kSide, kSide, kSide},
                        {c_.data(), kSide, kSide, kSide}, false);
    return c_ == expected_;
  }

 private:
  std::vector<float> a_, b_, c_, expected_;
};

}  // namespace

void check_blas_threads() {
  const int threads = num_threads();
  Meeting meeting(threads);
  std::atomic<bool> wrong{false};
  run_chunks(threads, [&](std::int64_t thread) {
    KnownProduct product(thread);
    for (int round = 0; round < kRounds && meeting.all_come(round); ++round) {
      if (!product.comes_right()) {
        wrong = true;
      }
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
