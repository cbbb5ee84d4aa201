#include <cmath>
#include <limits>

#include "models/training/gradients.hpp"
#include "models/training/run_directory.hpp"
#include "models/training/trainer.hpp"
#include "optim/clip.hpp"

// One training step: batches, gradients, clipping, the optimizer.
namespace weft::models {

/// The batches of the next step.
std::vector<data::Batch> Trainer::next_batches(std::int64_t batches_of_epoch) {
  std::vector<data::Batch> batches;
  const std::int64_t end = std::min(state_.batch + config_.accumulate, batches_of_epoch);
  for (std::int64_t i = state_.batch; i < end; ++i) {
    batches.push_back(task_.batch(state_.epoch, i));
  }
  return batches;
}

void Trainer::step(const std::vector<data::Batch>& batches, const TrainingHooks& hooks) {
  Generator generator = generator_;  // a copy: an interruption leaves the trainer's own unchanged
  const GeneratorGuard drawing(generator);
  clock_.start_step();
  optimizer_->zero_grad();
  const TeacherForcing forcing{forcing_ratio(config_, state_.step + 1, total_steps_),
                               config_.forcing_by};
  const BatchLoss sum = make_gradients(task_, batches, forcing, config_.label_smoothing, hooks);
  generator_ = generator;
  const double norm = optim::clip_grad_norm_(
      task_.module().parameters(),
      config_.clip > 0 ? config_.clip : std::numeric_limits<double>::infinity());
  state_.batch += std::ssize(batches);
  if (!std::isfinite(sum.loss) || !std::isfinite(norm)) {
    return handle_bad_step(sum.loss, norm, hooks);
  }
  optimizer_->set_lr(learning_rate(state_.step + 1));
  optimizer_->step();
  ++state_.step;
  state_.skipped_in_row = 0;
  average_.after_step(state_.step);
  state_.epoch_loss += sum.loss;
  state_.epoch_tokens += sum.tokens;
  clock_.end_step(sum.tokens);
}

}  // namespace weft::models
