#include "models/interruption.hpp"

#include <thread>

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

}  // namespace
}  // namespace weft::models
