#include "models/interruption.hpp"

#include <memory>
#include <mutex>
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
  struct Answer {
    std::mutex mutex;
    bool stop = false;
  };
  if (innermost == nullptr || !*innermost) {
    return {};
  }
  return [should_stop = innermost, answer = std::make_shared<Answer>()] {
    const std::lock_guard guard(answer->mutex);
    answer->stop = answer->stop || (*should_stop)();
    return answer->stop;
  };
}

}  // namespace weft::models
