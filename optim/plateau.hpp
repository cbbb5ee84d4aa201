#pragma once

#include <cstdint>
#include <limits>

namespace weft::optim {

/// Hyperparameters of a plateau schedule.
struct PlateauOptions {
  double factor = 0.5;        ///< multiplier of each reduction, in (0, 1)
  std::int64_t patience = 0;  ///< consecutive losses without improvement that are tolerated, >= 0
};

/// The state of a plateau schedule: together with the options, it determines everything that
/// follows.
struct PlateauState {
  double best = std::numeric_limits<double>::max();  ///< lowest loss so far
  std::int64_t waited = 0;                           ///< losses since then or the last reduction
  double factor = 1;                                 ///< product of all reductions so far
};

/// A factor for the learning rate that is reduced when the validation loss stops improving, like
/// PyTorch's ReduceLROnPlateau with threshold 0: after more than `patience` consecutive losses that
/// are not below the best so far, it is multiplied by `factor`, and counting restarts.
class Plateau {
 public:
  /// Throws Error if an option is out of range.
  explicit Plateau(const PlateauOptions& options, const PlateauState& state = {});

  /// Processes the next validation loss.
  void observe(double loss);

  /// The factor for the learning rate.
  double factor() const { return state_.factor; }
  /// The state to resume a run with.
  const PlateauState& state() const { return state_; }

 private:
  PlateauOptions options_;
  PlateauState state_;
};

}  // namespace weft::optim
