#include "optim/plateau.hpp"

#include "autograd/error.hpp"

namespace weft::optim {

Plateau::Plateau(const PlateauOptions& options, const PlateauState& state)
    : options_(options), state_(state) {
  if (!(options.factor > 0 && options.factor < 1)) {
    fail("plateau: factor out of range; got {}; expected 0 < factor < 1", options.factor);
  }
  if (options.patience < 0) {
    fail("plateau: patience out of range; got {}; expected at least 0", options.patience);
  }
}

void Plateau::observe(double loss) {
  if (loss < state_.best) {
    state_.best = loss;
    state_.waited = 0;
    return;
  }
  if (++state_.waited > options_.patience) {
    state_.factor *= options_.factor;
    state_.waited = 0;
  }
}

}  // namespace weft::optim
