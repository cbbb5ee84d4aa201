#include "tools/measure/cost.hpp"

#include <algorithm>
#include <chrono>
#include <memory>

#include "autograd/random.hpp"
#include "autograd/storage.hpp"
#include "models/registry.hpp"
#include "tools/measure/machine.hpp"
#include "tools/measure/random_pairs.hpp"

namespace weft::tools {
namespace {

using Clock = std::chrono::steady_clock;
using Pairs = std::vector<data::SentencePair>;

constexpr double kMiB = 1024.0 * 1024.0;
constexpr std::size_t kTimedSteps = 4;
constexpr double kEnoughSeconds = 0.5;
/// The cost of a loss alone relative to a loss with its gradients: backward computes two matrix
/// products for each one of forward.
constexpr double kForwardShare = 1.0 / 3;

/// Memory is measured on 1 / kTrialShare of the largest batch, but on no fewer than
/// kTrialSentences: with only a few sentences, the products of the weight gradients are still
/// pending.
constexpr std::int64_t kTrialShare = 8;
constexpr std::int64_t kTrialSentences = 16;

struct Step {
  double seconds = 0;
  double bytes = 0;         ///< peak memory of its tensors, gradients included
  std::int64_t tokens = 0;  ///< of the target
};

Step try_step(models::Seq2Seq& model, const Pairs& pairs, const std::vector<std::int64_t>& rows,
              const models::TrainingConfig& config) {
  const std::size_t live = memory_stats().live;
  reset_peak_memory();
  const Clock::time_point begin = Clock::now();
  const data::Batch batch = data::make_batch(pairs, rows);
  model.loss(batch, {.ratio = config.teacher_forcing}).backward();
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  model.zero_grad();
  return {seconds.count(), static_cast<double>(memory_stats().peak - live), batch.target_tokens};
}

Step try_copies(models::Seq2Seq& model, const data::SentencePair& pair, std::int64_t copies,
                const models::TrainingConfig& config) {
  return try_step(model, {pair}, std::vector<std::int64_t>(static_cast<std::size_t>(copies), 0),
                  config);
}

/// Returns the seconds per target token, measured on the first batches of the run except for the
/// very first, in which caches and threads warm up.
double seconds_per_token(models::Seq2Seq& model, const Pairs& train, const data::BatchPlan& plan,
                         const models::TrainingConfig& config) {
  Step sum;
  try_step(model, train, plan.front(), config);
  for (std::size_t i = 0; i < kTimedSteps && sum.seconds < kEnoughSeconds; ++i) {
    const Step step = try_step(model, train, plan[(i + 1) % plan.size()], config);
    sum.seconds += step.seconds;
    sum.tokens += step.tokens;
  }
  return sum.seconds / static_cast<double>(sum.tokens);
}

/// The size of a batch: B copies of a pair of its longest source and its longest target.
struct BatchShape {
  std::int64_t sentences = 0;
  data::SentencePair longest;

  std::int64_t cells() const {
    return sentences * (std::ssize(longest.source) + std::ssize(longest.target));
  }
};

BatchShape shape_of(const Pairs& train, const std::vector<std::int64_t>& rows) {
  BatchShape shape{std::ssize(rows), {}};
  for (const std::int64_t row : rows) {
    const data::SentencePair& pair = train[static_cast<std::size_t>(row)];
    if (pair.source.size() > shape.longest.source.size()) {
      shape.longest.source = pair.source;
    }
    if (pair.target.size() > shape.longest.target.size()) {
      shape.longest.target = pair.target;
    }
  }
  return shape;
}

double count_target_tokens(const Pairs& pairs) {
  double tokens = 0;
  for (const data::SentencePair& pair : pairs) {
    tokens += static_cast<double>(pair.target.size() + 1);
  }
  return tokens;
}

}  // namespace

StepCost measure_step(const models::ModelConfig& config) {
  const std::size_t live = memory_stats().live;
  const std::unique_ptr<models::Seq2Seq> model = models::make_model(config);
  const data::Batch batch =
      data::make_batch(random_pairs(config, kCostSentences, kCostTokens), all_rows(kCostSentences));
  const auto step = [&] {
    model->zero_grad();
    model->loss(batch).backward();
  };
  step();  // warm-up: pages, threads and caches
  reset_peak_memory();
  const Clock::time_point begin = Clock::now();
  step();
  const std::chrono::duration<double, std::milli> milliseconds = Clock::now() - begin;
  const double moments = 2.0 * sizeof(float) * static_cast<double>(model->num_parameters());
  return {milliseconds.count(), static_cast<double>(memory_stats().peak - live) + moments};
}

double largest_step_bytes(models::Seq2Seq& model, const Pairs& train, const data::BatchPlan& plan,
                          const models::TrainingConfig& config) {
  BatchShape largest;
  for (const std::vector<std::int64_t>& rows : plan) {
    BatchShape shape = shape_of(train, rows);
    if (shape.cells() > largest.cells()) {
      largest = std::move(shape);
    }
  }
  const std::int64_t half = std::min(kTrialSentences, largest.sentences / 2);
  const std::int64_t few = std::max({std::int64_t{1}, half, largest.sentences / kTrialShare});
  // The first step fills caches such as packed weights, which persist.
  try_copies(model, largest.longest, few, config);
  const double once = try_copies(model, largest.longest, few, config).bytes;
  const double twice = try_copies(model, largest.longest, 2 * few, config).bytes;
  return once +
         (twice - once) * static_cast<double>(largest.sentences - few) / static_cast<double>(few);
}

RunCost estimate_run(models::Seq2Seq& model, const Pairs& train, const Pairs& valid,
                     const models::TrainingConfig& config) {
  const Generator before = default_generator();
  const data::BatchPlan plan = data::plan_training(train, config.batch, config.seed, 0);
  const std::int64_t epoch_steps = (std::ssize(plan) + config.accumulate - 1) / config.accumulate;
  const std::int64_t all = epoch_steps * config.epochs;
  const std::int64_t steps = config.steps > 0 ? std::min(config.steps, all) : all;
  const double epochs = static_cast<double>(steps) / static_cast<double>(epoch_steps);
  const double tokens =
      epochs * (count_target_tokens(train) + kForwardShare * count_target_tokens(valid));

  const double seconds = tokens * seconds_per_token(model, train, plan, config);
  const double step = largest_step_bytes(model, train, plan, config);
  using enum models::OptimizerKind;
  const bool one = config.optimizer == sgd || config.optimizer == adagrad;
  const double averages = config.ema > 0       ? 1
                          : config.average > 1 ? static_cast<double>(config.average) + 1
                                               : 0;
  const double states = (one ? 1 : 2) + averages;  // per parameter
  const double moments = states * sizeof(float) * static_cast<double>(model.num_parameters());
  default_generator() = before;
  return_free_memory();  // the memory of the trials
  return {steps, seconds, std::max(peak_rss_mib(), rss_mib() + (step + moments) / kMiB)};
}

}  // namespace weft::tools
