#include "models/training/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/products.hpp"
#include "models/files/atomic_directory.hpp"
#include "models/interruption.hpp"
#include "models/training/run_directory.hpp"

namespace weft::models {
namespace {

constexpr double kRollbackFactor = 0.5;  // learning rate factor per rollback

/// The number of steps in the whole training.
std::int64_t total_steps(const TrainingConfig& config, Task& task) {
  validate(config);
  const std::int64_t batches = task.num_batches(0);
  const std::int64_t all = config.epochs * ((batches + config.accumulate - 1) / config.accumulate);
  return config.steps > 0 ? std::min(config.steps, all) : all;
}

void check_validation(const TrainingConfig& config, const Task& task) {
  if (task.has_validation()) {
    return;
  }
  if (config.schedule == optim::Decay::plateau) {
    fail("training: the schedule plateau needs validation data; got none");
  }
  if (config.stop_on != StopOn::loss) {
    fail("training: stopping on a score needs validation data; got none");
  }
}

}  // namespace

Trainer::Trainer(Task& task, const TrainingConfig& config, const Generator& generator,
                 const std::filesystem::path& run_directory, bool resume)
    : task_(task),
      config_(config),
      generator_(generator),
      directory_(run_directory),
      optimizer_(make_optimizer(
          {config.optimizer, config.lr, config.momentum, config.adam_beta2, config.weight_decay},
          task.module().named_parameters())),
      average_(config.ema, config.average, task.module().named_parameters()),
      total_steps_(total_steps(config, task)),
      schedule_(schedule_options(config, total_steps_)) {
  check_validation(config, task);
  lock_ = lock_run_directory(directory_);
  for (const char* name : {"best", "last"}) {  // resuming a finished run would write neither again
    remove_abandoned(directory_ / name);
  }
  check_run_directory(directory_, resume);
  state_.data_checksum = task_.data_checksum();
  if (resume && has_checkpoint(directory_)) {
    go_on_from_last();
  }
  LogState log = cut_log(directory_ / kLogName, state_.log_bytes);
  state_.log_bytes = log.bytes;
  log_trouble_ = std::move(log.trouble);
  task_.module().train();
}

Trainer::~Trainer() = default;

void Trainer::go_on_from_last() {
  // Different data may imply different model sizes: check the data first, for a better error
  // message.
  const std::string own = state_.data_checksum;
  const std::string of_run = load_trainer_state(directory_ / "last").data_checksum;
  if (own != of_run) {
    fail("{}: the data differ from those of the run; got checksum {}; expected {}",
         directory_.string(), own, of_run);
  }
  state_ = load_checkpoint(directory_ / "last", task_.module(), *optimizer_, average_);
  if (const std::int64_t batches = task_.num_batches(state_.epoch); state_.batch > batches) {
    fail("{}: field 'batch' does not fit the data; got {}; expected at most {}",
         (directory_ / "last" / kTrainerName).string(), state_.batch, batches);
  }
  if (config_.schedule != optim::Decay::plateau && state_.plateau.factor != 1) {
    fail("{}: field 'plateau_factor' does not fit the schedule; got {}; expected 1",
         (directory_ / "last" / kTrainerName).string(), state_.plateau.factor);
  }
  generator_ = Generator(state_.rng_seed, state_.rng_position);
  if (state_.step > 0) {
    optimizer_->set_lr(learning_rate(state_.step));  // may be logged before any step
  }
}

bool Trainer::out_of_steps() const { return config_.steps > 0 && state_.step >= config_.steps; }

bool Trainer::finished() const {
  const bool validated = state_.validated_step == state_.step;
  return state_.epoch >= config_.epochs || (out_of_steps() && validated) ||
         (config_.patience > 0 && state_.epochs_since_best >= config_.patience);
}

/// The mean loss per target token over the epoch's steps; 0 before the first.
double Trainer::train_loss() const {
  return state_.epoch_loss / static_cast<double>(std::max<std::int64_t>(state_.epoch_tokens, 1));
}

double Trainer::learning_rate(std::int64_t step) const {
  return schedule_.lr(step) * state_.plateau.factor *
         std::pow(kRollbackFactor, static_cast<double>(state_.rollbacks));
}

Progress Trainer::progress(std::int64_t batches) const {
  return {state_.step, state_.epoch + 1, config_.epochs,   state_.batch,
          batches,     train_loss(),     optimizer_->lr(), clock_.rate()};
}

/// Runs the remaining steps of the current epoch, then validates and saves. Returns whether
/// training should stop. Returns early after a rollback to another epoch. If Interrupted is thrown,
/// the state is that after the last completed step.
bool Trainer::run_epoch(const TrainingHooks& hooks) {
  const std::int64_t epoch = state_.epoch;
  const std::int64_t batches = task_.num_batches(epoch);
  while (state_.batch < batches && !out_of_steps()) {
    step(next_batches(batches), hooks);
    if (state_.epoch != epoch) {
      return false;
    }
    if (hooks.on_step) {
      hooks.on_step(progress(batches));
    }
    interruption_point();
    if (config_.save_every > 0 && state_.step % config_.save_every == 0) {
      ensure_finite(hooks);
      save_last();
    }
    if (state_.epoch != epoch) {
      return false;
    }
  }
  validate_and_save(hooks, state_.batch == batches);
  return hooks.should_stop && hooks.should_stop();
}

/// Tells what is wrong with the run directory as the run finds it.
void Trainer::warn_of_directory(const TrainingHooks& hooks) const {
  if (!hooks.on_trouble) {
    return;
  }
  if (lock_->state() == nn::Lock::unsupported) {
    hooks.on_trouble(fmt::format(
        "{}: the file system has no locks; nothing keeps a second training from writing there",
        directory_.string()));
  }
  if (!log_trouble_.empty()) {
    hooks.on_trouble(log_trouble_);
  }
  if (best_is_lost()) {
    hooks.on_trouble(
        fmt::format("{}: missing; the next model that is validated is saved there, even if the "
                    "lost one was better",
                    (directory_ / "best").string()));
  }
}

TrainingResult Trainer::run(const TrainingHooks& hooks) {
  warn_of_directory(hooks);
  const InterruptionScope interruptible(hooks.should_stop);
  const ProductsGuard products(config_.deterministic ? Products::own : Products::fastest);
  bool interrupted = false;
  try {
    while (!finished() && !interrupted) {
      interrupted = run_epoch(hooks);
    }
    if (!interrupted && best_is_lost()) {
      restore_best(hooks);
    }
  } catch (const Interrupted&) {
    ensure_finite(hooks);
    save_last();
    interrupted = true;
  }
  const bool judged = has_best(directory_) && state_.best_loss < std::numeric_limits<double>::max();
  return {state_.step, state_.epoch, judged ? std::optional(state_.best_loss) : std::nullopt,
          clock_.rate(), interrupted};
}

}  // namespace weft::models
