#include "models/training/run_directory.hpp"
#include "models/training/trainer.hpp"
#include "nn/finite.hpp"

// How training reacts to non-finite values, according to OnNan.
namespace weft::models {
namespace {

void report(const TrainingHooks& hooks, const std::string& what, const std::string& consequence) {
  if (hooks.on_trouble) {
    hooks.on_trouble(fmt::format("{}; {}", what, consequence));
  }
}

}  // namespace

/// Reacts to a non-finite loss or gradient, before the step is taken: skips the step, rolls back or
/// throws Error.
void Trainer::handle_bad_step(double loss, double norm, const TrainingHooks& hooks) {
  const std::int64_t step = state_.step + 1;
  const std::string what =
      fmt::format("not finite at step {}; got loss {} and gradient norm {}", step, loss, norm);
  if (config_.on_nan == OnNan::skip && ++state_.skipped_in_row <= kMostTrouble) {
    report(hooks, what, "step skipped");
    return;
  }
  roll_back(what, hooks);
}

/// Reacts to a non-finite validation result: returns true if training continues without it, rolls
/// back and returns false, or throws Error.
bool Trainer::handle_bad_validation(const std::string& what, const TrainingHooks& hooks) {
  if (config_.on_nan == OnNan::skip) {
    report(hooks, what, "the model counts as not better");
    return true;
  }
  roll_back(what, hooks);
  return false;
}

/// Makes sure that only finite values are validated and saved: otherwise rolls back, or throws
/// Error. A step that produced others can no longer be skipped. Returns false after a rollback.
bool Trainer::ensure_finite(const TrainingHooks& hooks) {
  std::optional<nn::NotFinite> bad;
  for (const nn::NamedTensors& tensors :
       {task_.module().state(), optimizer_->state(), average_.state()}) {
    bad = bad ? bad : nn::find_not_finite(tensors);
  }
  if (bad) {
    roll_back(
        fmt::format("not finite after step {}; got {} in {}", state_.step, bad->value, bad->tensor),
        hooks);
  }
  return !bad;
}

/// Rolls back to the last checkpoint if OnNan allows it and it is of an earlier step than the
/// current one, which would only fail in the same way again; otherwise throws Error.
void Trainer::roll_back(const std::string& what, const TrainingHooks& hooks) {
  const std::filesystem::path last = directory_ / "last";
  const std::int64_t rollbacks = state_.rollbacks + 1;
  if (config_.on_nan != OnNan::rollback || rollbacks > kMostTrouble ||
      !has_checkpoint(directory_) || load_trainer_state(last).step >= state_.step) {
    fail("train: {}; hint: lower --lr", what);
  }
  state_ = load_checkpoint(last, task_.module(), *optimizer_, average_);
  generator_ = Generator(state_.rng_seed, state_.rng_position);
  state_.rollbacks = rollbacks;
  save_last();  // so that a resumed run also starts from there
  report(hooks, what,
         fmt::format("rolled back to step {} with half the learning rate", state_.step));
}

}  // namespace weft::models
