#pragma once

#include <algorithm>
#include <cstdint>

namespace weft {

/// Elements below which a second thread costs more than it brings.
inline constexpr std::int64_t kParallelGrain = 16384;

/// Calls f(begin, end) for consecutive blocks that cover [0, n), on several threads if `work`
/// (elements touched) is worth it. The blocks do not depend on the number of threads.
template <class F>
void parallel_for(std::int64_t n, std::int64_t work, F&& f) {
  const std::int64_t blocks = std::min(n, work / kParallelGrain);
  if (blocks <= 1) {
    f(std::int64_t{0}, n);
    return;
  }
#pragma omp parallel for schedule(static)
  for (std::int64_t block = 0; block < blocks; ++block) {
    f(n * block / blocks, n * (block + 1) / blocks);
  }
}

}  // namespace weft
