#include "models/interruption.hpp"

#include <thread>
#include <vector>

#include "tests/catch.hpp"

namespace weft::models {
namespace {

/// Whether an interruption point throws here and now.
bool interrupts() {
  try {
    interruption_point();
  } catch (const Interrupted&) {
    return true;
  }
  return false;
}

TEST_CASE("interruption: the innermost scope of the thread is asked") {
  CHECK_FALSE(interrupts());
  {
    bool stop = false;
    const InterruptionScope outer([&stop] { return stop; });
    CHECK_FALSE(interrupts());
    stop = true;
    CHECK(interrupts());
    {
      const InterruptionScope inner({});
      CHECK_FALSE(interrupts());
    }
    CHECK(interrupts());
    bool in_other_thread = true;
    std::thread([&] { in_other_thread = interrupts(); }).join();
    CHECK_FALSE(in_other_thread);
  }
  CHECK_FALSE(interrupts());
}

TEST_CASE("interruption: threads that share the work ask one at a time, and no more after yes") {
  constexpr int kLimit = 1000;
  int asked = 0;  // not atomic: who asks need not care for threads
  const InterruptionScope scope([&asked] { return ++asked == kLimit; });
  const std::function<bool()> check = interruption_check();
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&check] {
      while (!check()) {
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(asked == kLimit);
}

}  // namespace
}  // namespace weft::models
