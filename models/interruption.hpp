#pragma once

#include <exception>
#include <functional>

namespace weft::models {

/// Thrown by `interruption_point` out of work that shall not go on. Not an Error: nothing is wrong.
class Interrupted : public std::exception {
 public:
  /// "interrupted".
  const char* what() const noexcept override { return "interrupted"; }
};

/// While it lives, work of this thread that may take long (a search, the loss of many pairs) asks
/// `should_stop` between any two of its parts, and is left by Interrupted if the answer is yes.
/// Scopes nest, the innermost counts.
///
///     const InterruptionScope scope([] { return noted_signal() != 0; });
///     translator.translate(lines, 64);  // ends early after Ctrl-C
class InterruptionScope {
 public:
  /// An empty function never says yes.
  explicit InterruptionScope(std::function<bool()> should_stop);
  ~InterruptionScope();
  InterruptionScope(const InterruptionScope&) = delete;
  InterruptionScope& operator=(const InterruptionScope&) = delete;

 private:
  std::function<bool()> should_stop_;
  const std::function<bool()>* outer_;
};

/// Throws Interrupted if the innermost scope of this thread says so.
void interruption_point();

}  // namespace weft::models
