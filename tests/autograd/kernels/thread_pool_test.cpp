#include "autograd/kernels/thread_pool.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

#include "autograd/kernels/gemm.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

using testing::WithThreads;

/// How many times each of `count` chunks was called.
std::vector<int> calls_of(std::int64_t count) {
  std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
  run_chunks(count, [&](std::int64_t i) { ++calls[static_cast<std::size_t>(i)]; });
  return {calls.begin(), calls.end()};
}

std::vector<int> ones(std::int64_t count) {
  return std::vector<int>(static_cast<std::size_t>(count), 1);
}

/// Runs chunks after the pool has been closed: created before the pool, so destroyed after it.
struct AfterThePool {
  ~AfterThePool() {
    if (calls_of(100) != ones(100)) {
      std::abort();
    }
  }
};
const AfterThePool after_the_pool;

/// The bits of some products and sums that are large enough to be parallelized.
Tensor compute() {
  Generator generator(1);
  const Tensor a = randn({65, 300}, generator);
  const Tensor b = randn({300, 520}, generator);
  return tanh(matmul(a, b)) * 3;
}

TEST_CASE("every chunk is called once, with any number of threads") {
  for (int threads = 1; threads <= 8; ++threads) {
    const WithThreads with(threads);
    for (const std::int64_t count : {0, 1, 2, 3, 7, 8, 100, 1000}) {
      CAPTURE(threads, count);
      for (int i = 0; i < 20; ++i) {
        REQUIRE(calls_of(count) == ones(count));
      }
    }
  }
}

TEST_CASE("other threads help") {
  const WithThreads with(2);
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<bool> helped{false};
  for (int i = 0; i < 1000 && !helped; ++i) {
    run_chunks(2, [&](std::int64_t) {
      helped = helped || std::this_thread::get_id() != caller;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
  }
  CHECK(helped);
}

TEST_CASE("other threads always help with long chunks, whatever short ones gained") {
  const WithThreads with(2);
  const std::thread::id caller = std::this_thread::get_id();
  for (int i = 0; i < 2000; ++i) {  // nothing to gain: the pool takes a break
    run_chunks(2, [](std::int64_t) {});
  }
  std::atomic<int> helped = 0;
  run_chunks(
      4,
      [&](std::int64_t) {
        helped += std::this_thread::get_id() == caller ? 0 : 1;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      },
      Sharing::always);
  CHECK(helped > 0);
}

TEST_CASE("workers that fell asleep wake for the next call") {
  const WithThreads with(3);
  for (int i = 0; i < 5; ++i) {
    CHECK(calls_of(50) == ones(50));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

TEST_CASE("a chunk may call run_chunks") {
  const WithThreads with(4);
  std::atomic<int> calls{0};
  run_chunks(10, [&](std::int64_t) { run_chunks(10, [&](std::int64_t) { ++calls; }); });
  CHECK(calls == 100);
}

TEST_CASE("several threads may call run_chunks at once") {
  const WithThreads with(3);
  const Tensor expected = compute();
  std::atomic<int> wrong{0};
  const auto call = [&] {
    for (int i = 0; i < 20; ++i) {
      wrong += calls_of(30) == ones(30) ? 0 : 1;
      wrong += identical(compute(), expected) ? 0 : 1;
    }
  };
  std::array<std::thread, 4> callers;
  std::ranges::generate(callers, [&] { return std::thread(call); });
  std::ranges::for_each(callers, &std::thread::join);
  CHECK(wrong == 0);
}

TEST_CASE("the number of threads may change while others compute") {
  const WithThreads with(2);
  std::atomic<bool> done{false};
  std::thread other([&] {
    while (!done) {
      calls_of(20);
    }
  });
  for (int i = 0; i < 100; ++i) {
    set_num_threads(1 + i % 5);
    CHECK(calls_of(20) == ones(20));
  }
  done = true;
  other.join();
}

TEST_CASE("the first exception of a chunk reaches the caller, and the pool goes on") {
  for (const int threads : {1, 2, 5}) {
    const WithThreads with(threads);
    for (const std::int64_t thrower : {0, 1, 57, 99}) {
      CAPTURE(threads, thrower);
      const auto run = [&] {
        run_chunks(100, [&](std::int64_t i) {
          if (i == thrower) {
            throw std::runtime_error("chunk");
          }
        });
      };
      CHECK_THROWS_WITH(run(), "chunk");
      CHECK(calls_of(100) == ones(100));
    }
    CHECK_THROWS_AS(run_chunks(100, [](std::int64_t) { throw 1; }), int);
  }
}

#ifndef __SANITIZE_THREAD__  // does not allow new threads in a child
TEST_CASE("the child of a fork computes, and so does its parent") {
  const WithThreads with(3);
  const Tensor expected = compute();
  const pid_t child = fork();
  if (child == 0) {
    const bool right = identical(compute(), expected) && calls_of(100) == ones(100);
    _exit(right ? 0 : 1);
  }
  REQUIRE(child > 0);
  CHECK(calls_of(100) == ones(100));
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
#endif

}  // namespace
}  // namespace weft
