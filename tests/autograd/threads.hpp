#pragma once

#include <pthread.h>

#include <functional>

#include "autograd/tensor.hpp"
#include "autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft::testing {

/// Sets the number of threads during its lifetime.
class WithThreads {
 public:
  explicit WithThreads(int threads) : before_(num_threads()) { set_num_threads(threads); }
  ~WithThreads() { set_num_threads(before_); }
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;

 private:
  int before_;
};

/// Checks that `compute`, which returns a tensor, gives the same bits with 1, 2 and 4 threads.
template <class F>
void check_same_bits_with_any_threads(F&& compute) {
  const WithThreads one(1);
  const Tensor alone = compute();
  for (const int threads : {2, 4}) {
    set_num_threads(threads);
    CAPTURE(threads, alone.shape());
    CHECK(identical(compute(), alone));
  }
}

/// Runs `body` on a thread with a stack of 256 KiB, where deep recursion crashes.
inline void run_on_small_stack(std::function<void()> body) {
  constexpr std::size_t kStackBytes = std::size_t{256} << 10;
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, kStackBytes) == 0);
  pthread_t thread{};
  const auto start = [](void* argument) -> void* {
    (*static_cast<std::function<void()>*>(argument))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, start, &body) == 0);
  REQUIRE(pthread_join(thread, nullptr) == 0);
  pthread_attr_destroy(&attributes);
}

}  // namespace weft::testing
