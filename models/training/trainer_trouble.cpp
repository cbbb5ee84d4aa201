#include "models/training/run_directory.hpp"
#include "models/training/trainer.hpp"
#include "nn/finite.hpp"

// What follows if something is not finite, as OnNan says.
namespace weft::models {
namespace {

void tell(const TrainingHooks& hooks, const std::string& what, const std::string& consequence) {
  if (hooks.on_trouble) {
    hooks.on_trouble(fmt::format("{}; {}", what, consequence));
  }
}

}  // namespace

/// A loss or a gradient is not finite: the step is not made.
void Trainer::leave_out(double loss, double norm, const TrainingHooks& hooks) {
  const std::int64_t step = state_.step + 1;
  const std::string what =
      fmt::format("not finite at step {}; got loss {} and gradient norm {}", step, loss, norm);
  if (config_.on_nan == OnNan::skip && ++state_.skipped_in_row <= kMostTrouble) {
    return tell(hooks, what, "the step is left out");
  }
  go_back(step, what, hooks);
}

/// A figure of the validation is not finite. Returns whether the training goes on from here all the
/// same: without that validation.
bool Trainer::bear(const std::string& what, const TrainingHooks& hooks) {
  if (config_.on_nan == OnNan::skip) {
    tell(hooks, what, "the model counts as no better");
    return true;
  }
  go_back(state_.step, what, hooks);
  return false;
}

/// Looks at all that is saved, before it is. A step that has spoiled it cannot be left out any
/// more: then the training goes back. Returns whether all was finite.
bool Trainer::check_finite(const TrainingHooks& hooks) {
  for (const nn::NamedTensors& tensors :
       {task_.module().state(), optimizer_->state(), average_.state()}) {
    if (const std::optional<nn::NotFinite> bad = nn::find_not_finite(tensors)) {
      go_back(state_.step,
              fmt::format("not finite after step {}; got {} in {}", state_.step, bad->value,
                          bad->tensor),
              hooks);
      return false;
    }
  }
  return true;
}

/// Step `step` went wrong: goes back to a checkpoint before it, if OnNan says so and there is one;
/// otherwise throws Error.
void Trainer::go_back(std::int64_t step, const std::string& what, const TrainingHooks& hooks) {
  const std::filesystem::path last = directory_ / "last";
  const std::int64_t rollbacks = state_.rollbacks + 1;
  if (config_.on_nan != OnNan::rollback || rollbacks > kMostTrouble ||
      !has_checkpoint(directory_) || load_trainer_state(last).step >= step) {
    fail("train: {}; hint: a lower --lr", what);
  }
  state_ = load_checkpoint(last, task_.module(), *optimizer_, average_);
  generator_ = Generator(state_.rng_seed, state_.rng_position);
  state_.rollbacks = rollbacks;
  save_last();  // a resumed run has gone back, too
  tell(hooks, what, fmt::format("back to step {} with half the learning rate", state_.step));
}

}  // namespace weft::models
