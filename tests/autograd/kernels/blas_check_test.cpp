#include "autograd/kernels/blas_check.hpp"

#include <cstdint>
#include <thread>
#include <vector>

#include "autograd/kernels/thread_pool.hpp"
#include "tests/catch.hpp"

namespace weft::kernels {
namespace {

TEST_CASE("the BLAS of this machine may be called by several threads at once") {
  CHECK_NOTHROW(check_blas_threads());
}

TEST_CASE("the check of BLAS does not wait for threads that are busy elsewhere") {
  run_chunks(3, [](std::int64_t) { check_blas_threads(); });
}

TEST_CASE("threads come and go, and each may call BLAS") {
  for (int generation = 0; generation < 3; ++generation) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back(check_blas_threads);
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }
}

}  // namespace
}  // namespace weft::kernels
