#include "autograd/kernels/parallel.hpp"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

using Blocks = std::vector<std::pair<std::int64_t, std::int64_t>>;

Blocks blocks_of(std::int64_t n, std::int64_t work) {
  Blocks blocks;
  std::mutex mutex;
  parallel_for(n, work, [&](std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(mutex);
    blocks.emplace_back(begin, end);
  });
  std::ranges::sort(blocks);
  return blocks;
}

TEST_CASE("blocks cover the range once") {
  for (const std::int64_t n : {1, 2, 7, 1000, 100003}) {
    const Blocks blocks = blocks_of(n, 10 * kParallelGrain);
    std::int64_t covered = 0;
    for (const auto& [begin, end] : blocks) {
      CHECK(begin == covered);
      covered = end;
    }
    CHECK(covered == n);
    CHECK(std::ssize(blocks) == std::min<std::int64_t>(n, 10));
  }
}

TEST_CASE("little work is one block") {
  CHECK(blocks_of(100, kParallelGrain) == Blocks{{0, 100}});
  CHECK(blocks_of(0, 0) == Blocks{{0, 0}});
}

TEST_CASE("the blocks do not depend on the number of threads") {
  testing::check_same_bits_with_any_threads([] {
    std::vector<std::int64_t> begins;
    for (const auto& [begin, end] : blocks_of(1001, 30 * kParallelGrain)) {
      begins.push_back(begin);
    }
    return tensor(begins, {std::ssize(begins)});
  });
}

}  // namespace
}  // namespace weft
