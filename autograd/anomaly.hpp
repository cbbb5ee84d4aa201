#pragma once

#include "autograd/tape.hpp"

namespace weft {

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
  bool previous_;
};

/// Whether this thread is in anomaly mode.
bool anomaly_enabled();

/// For the engine.
namespace detail {

/// While a backward runs, results are not checked one by one, but the gradients that arrive and
/// are returned: a formula may pass through an infinity on its way to a finite gradient, and the
/// name that says something is that of the op, not of a step in its formula.
class BackwardScope {
 public:
  BackwardScope();
  ~BackwardScope();
  BackwardScope(const BackwardScope&) = delete;
  BackwardScope& operator=(const BackwardScope&) = delete;

 private:
  bool previous_;
};

/// Throws Error if an op got a NaN, or made the first NaN or infinity.
void check_outputs(const Op& op, const std::vector<Tensor>& inputs,
                   const std::vector<Tensor>& outputs);
/// Throws Error if a gradient of the node's outputs, complete now, is not finite.
void check_arrived(const Node& node, const Gradients& gradients);
/// Calls the node's backward function, in the place where the node was recorded. Throws Error in
/// anomaly mode if a gradient that it returns, and that is wanted, is not finite.
Gradients run_backward(const Node& node, const Backward& backward);

}  // namespace detail
}  // namespace weft
