#include "tools/measure/cost.hpp"

#include <memory>

#include "autograd/random.hpp"
#include "autograd/storage.hpp"
#include "tests/catch.hpp"
#include "tests/models/training/training.hpp"
#include "tools/measure/machine.hpp"

namespace weft::tools {
namespace {

std::unique_ptr<models::Seq2Seq> small_model() {
  models::RnnConfig config = models::tiny_config("bahdanau2015");
  config.source_vocab = config.target_vocab = 100;
  config.emb = config.hidden = 32;
  config.dropout = 0.1;
  return models::make_model(config);
}

TEST_CASE("run cost: steps are those of the run") {
  const auto model = small_model();
  const std::vector<data::SentencePair> pairs = models::copy_task(90);
  models::TrainingConfig config;
  config.batch.sentences = 10;
  config.epochs = 3;
  REQUIRE(estimate_run(*model, pairs, {}, config).steps == 27);
  config.steps = 5;
  REQUIRE(estimate_run(*model, pairs, pairs, config).steps == 5);
  config.steps = 500;
  const RunCost cost = estimate_run(*model, pairs, pairs, config);
  REQUIRE(cost.steps == 27);
  REQUIRE(cost.seconds > 0);
  REQUIRE(cost.mib > rss_mib());
  REQUIRE(cost.mib < machine_mib());
}

TEST_CASE("run cost: an estimate changes neither the model nor what is drawn next") {
  manual_seed(7);
  const auto model = small_model();
  const std::uint64_t position = default_generator().position();
  const Tensor parameter = model->named_parameters().front().second;
  const Tensor copy = parameter.detach().clone();
  models::TrainingConfig config;
  config.teacher_forcing = 0.5;
  estimate_run(*model, models::copy_task(30), {}, config);
  REQUIRE(default_generator().position() == position);
  REQUIRE(identical(parameter, copy));
  for (const auto& [name, tensor] : model->named_parameters()) {
    INFO(name);
    REQUIRE_FALSE(tensor.gradient().defined());
  }
  REQUIRE(model->training());
}

TEST_CASE("run cost: the largest step's memory follows from steps of a few sentences") {
  const auto model = small_model();
  std::vector<data::SentencePair> pairs = models::copy_task(40);
  const std::vector<std::int64_t> line(30, 5);
  pairs.insert(pairs.end(), 20, {line, line});
  const data::BatchPlan plan = data::plan_training(pairs, {.sentences = 20}, 1, 0);
  double largest = 0;
  for (const std::vector<std::int64_t>& rows : plan) {
    const std::size_t live = memory_stats().live;
    reset_peak_memory();
    model->loss(data::make_batch(pairs, rows)).backward();
    model->zero_grad();
    largest = std::max(largest, static_cast<double>(memory_stats().peak - live));
  }
  REQUIRE(largest_step_bytes(*model, pairs, plan, {}) == Approx(largest).epsilon(0.1));
}

}  // namespace
}  // namespace weft::tools
