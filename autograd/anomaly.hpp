#pragma once

#include <memory>

namespace weft {

class Observer;

/// Anomaly mode, for a scope of this thread: the first NaN or infinity, forward or backward, is an
/// Error that names the op, the modules at work and the time step (path.hpp), and gives shapes and
/// ranges of what the op was given. Every result is read once more, so it is for finding a fault,
/// not for every run. While recording, an op on constants alone is looked at only where an op that
/// is recorded takes its result: it may be a part of that op's forward. A graph remembers its
/// modules only if it was recorded in anomaly mode.
///
/// An infinity that was asked for is none: one in a constant (a mask of 0 and -inf), the value of
/// masked_fill, and what comes of either. A NaN is one always.
class AnomalyGuard {
 public:
  /// Switches anomaly mode on, or off if not `on`; the destructor switches back.
  explicit AnomalyGuard(bool on = true);
  ~AnomalyGuard();
  AnomalyGuard(const AnomalyGuard&) = delete;
  AnomalyGuard& operator=(const AnomalyGuard&) = delete;

 private:
  std::unique_ptr<const Observer> observer_;
  const Observer* previous_;
};

/// Whether this thread is in anomaly mode.
bool anomaly_enabled();

}  // namespace weft
