#include "autograd/buffer_heap.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include "tests/catch.hpp"

namespace weft {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

TEST_CASE("a freed buffer is the next one of its size") {
  BufferHeap heap;
  std::byte* const first = heap.take(100 * kKiB);
  std::byte* const second = heap.take(100 * kKiB);
  CHECK(reinterpret_cast<std::uintptr_t>(first) % 64 == 0);
  CHECK(second == first + 100 * kKiB);
  heap.give_back(first);
  CHECK(heap.take(100 * kKiB) == first);
  heap.give_back(second);
  heap.give_back(first);
}

TEST_CASE("freed neighbours become one block, in whatever order they come back") {
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    BufferHeap heap;
    std::array<std::byte*, 3> buffers{};
    std::ranges::generate(buffers, [&] { return heap.take(10 * kKiB); });
    std::byte* const last = heap.take(10 * kKiB);
    for (const std::size_t i : order) {
      heap.give_back(buffers[i]);
    }
    CHECK(heap.take(30 * kKiB) == buffers[0]);
    heap.give_back(buffers[0]);
    heap.give_back(last);
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("the smallest block that fits is taken") {
  BufferHeap heap;
  std::byte* const large = heap.take(100 * kKiB);
  std::byte* const between = heap.take(10 * kKiB);
  std::byte* const small = heap.take(20 * kKiB);
  std::byte* const end = heap.take(10 * kKiB);
  heap.give_back(large);
  heap.give_back(small);
  CHECK(heap.take(15 * kKiB) == small);
  heap.give_back(small);
  heap.give_back(between);
  heap.give_back(end);
}

TEST_CASE("the heap grows to what was in use at once, not further") {
  BufferHeap heap;
  for (const std::size_t size : {5 * kKiB, 700 * kKiB, 31 * kMiB, 9 * kMiB, 4 * kKiB}) {
    for (int i = 0; i < 100; ++i) {
      std::byte* const buffer = heap.take(size + static_cast<std::size_t>(i));
      buffer[0] = std::byte{1};
      heap.give_back(buffer);
    }
  }
  CHECK(heap.reserved() == 64 * kMiB);
}

TEST_CASE("released memory can be used again, what is in use stays") {
  BufferHeap heap;
  std::byte* const kept = heap.take(kMiB);
  std::byte* const freed = heap.take(kMiB);
  std::fill_n(kept, kMiB, std::byte{7});
  std::fill_n(freed, kMiB, std::byte{8});
  heap.give_back(freed);
  heap.release();
  CHECK(std::all_of(kept, kept + kMiB, [](std::byte b) { return b == std::byte{7}; }));
  REQUIRE(heap.take(kMiB) == freed);
  std::fill_n(freed, kMiB, std::byte{9});
  heap.give_back(kept);
  heap.give_back(freed);
}

TEST_CASE("buffers of several threads never overlap") {
  BufferHeap heap;
  std::vector<int> faults(4);
  std::vector<std::thread> threads;
  threads.reserve(faults.size());
  for (std::size_t id = 0; id < faults.size(); ++id) {
    threads.emplace_back([&heap, &faults, id] {
      std::mt19937 random(static_cast<unsigned>(id));
      std::vector<std::pair<std::byte*, std::size_t>> buffers(20);
      for (int i = 0; i < 5000; ++i) {
        auto& [data, size] = buffers[random() % buffers.size()];
        if (data != nullptr) {
          faults[id] += data[0] != std::byte(id) || data[size - 1] != std::byte(id) ? 1 : 0;
          heap.give_back(data);
        }
        size = 4 * kKiB + random() % (200 * kKiB);
        data = heap.take(size);
        data[0] = data[size - 1] = std::byte(id);
      }
      for (const auto& [data, size] : buffers) {
        if (data != nullptr) {
          heap.give_back(data);
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(faults == std::vector<int>(4));
  CHECK(heap.reserved() == 64 * kMiB);
}

}  // namespace
}  // namespace weft
