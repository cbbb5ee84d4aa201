#include "tools/step_cost.hpp"

#include <chrono>
#include <memory>
#include <vector>

#include "autograd/random.hpp"
#include "autograd/storage.hpp"
#include "data/batches.hpp"
#include "data/vocabulary.hpp"
#include "models/seq2seq.hpp"

namespace weft::tools {
namespace {

/// Ids of words and of <unk>, the last special token.
std::vector<std::int64_t> random_sentence(std::int64_t vocabulary, std::int64_t length) {
  std::vector<std::int64_t> sentence;
  const Tensor draws = rand({length}, 0, 1, default_generator(), DType::float64);
  for (const double draw : draws.to_vector<double>()) {
    const auto choices = static_cast<double>(vocabulary - data::kUnk);
    sentence.push_back(data::kUnk + static_cast<std::int64_t>(draw * choices));
  }
  return sentence;
}

data::Batch random_batch(const models::ModelConfig& config) {
  std::vector<data::SentencePair> pairs;
  std::vector<std::int64_t> rows;
  for (std::int64_t row = 0; row < kCostSentences; ++row) {
    pairs.push_back({random_sentence(config.source_vocab, kCostTokens),
                     random_sentence(config.target_vocab, kCostTokens - 1)});
    rows.push_back(row);
  }
  return data::make_batch(pairs, rows);
}

}  // namespace

StepCost measure_step(const models::ModelConfig& config) {
  using Clock = std::chrono::steady_clock;
  const std::size_t live = memory_stats().live;
  const std::unique_ptr<models::Seq2Seq> model = models::make_model(config);
  const data::Batch batch = random_batch(config);
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
