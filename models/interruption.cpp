#include "models/interruption.hpp"

#include <utility>

namespace weft::models {
namespace {

thread_local const std::function<bool()>* innermost = nullptr;

}  // namespace

InterruptionScope::InterruptionScope(std::function<bool()> should_stop)
    : should_stop_(std::move(should_stop)), outer_(std::exchange(innermost, &should_stop_)) {}

InterruptionScope::~InterruptionScope() { innermost = outer_; }

void interruption_point() {
  if (innermost != nullptr && *innermost && (*innermost)()) {
    throw Interrupted();
  }
}

std::function<bool()> interruption_check() {
  return innermost == nullptr ? std::function<bool()>() : *innermost;
}

}  // namespace weft::models
