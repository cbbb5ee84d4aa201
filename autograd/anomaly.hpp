#pragma once

#include <memory>

namespace weft {

class Observer;

/// Enables anomaly mode for a scope of this thread: the first NaN or infinity, forward or backward,
/// throws an Error that names the op, the enclosing modules and the time step (path.hpp), and
/// reports the shapes and value ranges of the op's inputs. Every result is read once more, so use
/// it to find a fault, not in every run. While recording, the result of an op on constants alone is
/// checked only when a recorded op uses it: it may be part of that op's forward pass. A graph
/// remembers its modules only if it was recorded in anomaly mode.
///
/// Intended infinities are not reported: those in a constant (a mask of 0 and -inf), those that
/// masked_fill writes, and those that result from either. A NaN is always reported.
class AnomalyGuard {
 public:
  /// Switches anomaly mode on, or off if `on` is false; the destructor restores the previous mode.
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
