#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "autograd/kernels/thread_pool.hpp"

namespace weft {

/// Elements below which a second thread costs more than it brings.
inline constexpr std::int64_t kParallelGrain = 16384;

/// Calls f(begin, end) for consecutive blocks that cover [0, n), on several threads if `work`
/// (elements touched) is worth it. The blocks do not depend on the number of threads, nor does
/// which elements are computed together. The first exception of f reaches the caller.
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
