#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "autograd/kernels/thread_pool.hpp"

namespace weft {

/// Number of elements below which a second thread costs more than it gains.
inline constexpr std::int64_t kParallelGrain = 16384;
/// Number of products, in sums of products, that take as long as touching an element.
inline constexpr std::int64_t kProductsPerElement = 32;

/// Calls f(begin, end) for consecutive blocks that cover [0, n), on several threads if `work`
/// (elements touched) is large enough. Neither the blocks nor the grouping of elements within them
/// depend on the number of threads. The first exception thrown by f is rethrown to the caller.
template <class F>
void parallel_for(std::int64_t n, std::int64_t work, F&& f) {
  const std::int64_t blocks = std::min(n, work / kParallelGrain);
  if (blocks <= 1) {
    f(std::int64_t{0}, n);
    return;
  }
  const auto run = [&](std::int64_t block) { f(n * block / blocks, n * (block + 1) / blocks); };
  run_chunks(blocks, std::ref(run));
}

}  // namespace weft
