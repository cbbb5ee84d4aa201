#pragma once

#include <exception>
#include <functional>

namespace weft::models {

/// Thrown by `interruption_point` to abandon work. Not an Error: nothing is wrong.
class Interrupted : public std::exception {
 public:
  /// "interrupted".
  const char* what() const noexcept override { return "interrupted"; }
};

/// For the lifetime of the object, long-running work of this thread (a search, the loss of many
/// pairs) calls `should_stop` between any two of its steps, and throws Interrupted if it returns
/// true. Scopes nest; the innermost one applies. Threads that share the work call it as well, one
/// at a time, and none any more once it has returned true.
///
///     const InterruptionScope scope([] { return noted_signal() != 0; });
///     translator.translate(lines, 64);  // ends early after Ctrl-C
class InterruptionScope {
 public:
  /// An empty function never interrupts.
  explicit InterruptionScope(std::function<bool()> should_stop);
  ~InterruptionScope();
  InterruptionScope(const InterruptionScope&) = delete;
  InterruptionScope& operator=(const InterruptionScope&) = delete;

 private:
  std::function<bool()> should_stop_;
  const std::function<bool()>* outer_;
};

/// Throws Interrupted if the innermost scope of this thread asks to stop.
void interruption_point();

/// What the innermost scope of this thread asks; empty without one. For the threads that share its
/// work, while the scope exists: it is asked by one at a time, until it returns true.
std::function<bool()> interruption_check();

}  // namespace weft::models
