#pragma once

#include <cstdint>
#include <limits>

namespace weft::optim {

/// The constants of a plateau schedule.
struct PlateauOptions {
  double factor = 0.5;        ///< what a fall multiplies by, in (0, 1)
  std::int64_t patience = 0;  ///< losses in a row that may be no better, >= 0
};

/// Where a plateau schedule stands: all that it does next depends on this and the options.
struct PlateauState {
  double best = std::numeric_limits<double>::max();  ///< lowest loss
  std::int64_t waited = 0;                           ///< losses since then, or since the last fall
  double factor = 1;                                 ///< of all falls so far
};

/// A factor for the learning rate that falls when the validation loss stops improving, as PyTorch's
/// ReduceLROnPlateau does with threshold 0: after more than `patience` losses in a row of which
/// none is below the best so far, it is multiplied by `factor`, and the count begins anew.
class Plateau {
 public:
  /// Throws Error on options out of range.
  explicit Plateau(const PlateauOptions& options, const PlateauState& state = {});

  /// Takes the next validation loss.
  void observe(double loss);

  /// What to multiply the learning rate by.
  double factor() const { return state_.factor; }
  /// What a resumed run has to begin with.
  const PlateauState& state() const { return state_; }

 private:
  PlateauOptions options_;
  PlateauState state_;
};

}  // namespace weft::optim
