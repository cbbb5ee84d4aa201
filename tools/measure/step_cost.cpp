#include "tools/measure/step_cost.hpp"

#include <chrono>
#include <memory>

#include "autograd/storage.hpp"
#include "data/batches.hpp"
#include "models/registry.hpp"
#include "tools/measure/random_pairs.hpp"

namespace weft::tools {
StepCost measure_step(const models::ModelConfig& config) {
  using Clock = std::chrono::steady_clock;
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

}  // namespace weft::tools
