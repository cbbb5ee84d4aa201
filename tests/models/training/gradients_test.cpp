#include "models/training/gradients.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/models/training/short_runs.hpp"

namespace weft::models {
namespace {

// A task of a tiny translator, and two of its batches.
struct Step {
  Translator translator = tiny_translator("luong2015");
  TranslationTask task{translator, copy_data(translator, 20, 0), {.size = {.sentences = 5}}};
  std::vector<data::Batch> batches = {task.batch(0, 0), task.batch(0, 1)};

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, parameter] : translator.model->named_parameters()) {
      all.push_back(name);
    }
    return all;
  }
};

// Gradients by name, undefined ones included.
nn::NamedTensors gradients(const Seq2Seq& model) {
  nn::NamedTensors all;
  for (const auto& [name, parameter] : model.named_parameters()) {
    all.emplace_back(name, parameter.grad().defined() ? parameter.grad().clone() : Tensor());
  }
  return all;
}

TEST_CASE("each parameter is told of once a step, in one order, its gradient whole") {
  Step step;
  make_gradients(step.task, step.batches, {}, 0);
  const nn::NamedTensors whole = gradients(*step.translator.model);
  std::vector<std::string> first;
  for (int run = 0; run < 2; ++run) {
    step.translator.model->zero_grad();
    std::vector<std::string> told;
    TrainingHooks hooks;
    hooks.on_gradient = [&](const std::string& name, const Tensor& parameter, const BatchLoss&) {
      told.push_back(name);
      const auto own = std::ranges::find(whole, name, &std::pair<std::string, Tensor>::first);
      CHECK(identical(parameter.grad(), own->second));
    };
    hooks.on_gradients = [&](BatchLoss&) { told.emplace_back("all"); };
    const BatchLoss sum = make_gradients(step.task, step.batches, {}, 0, hooks);
    CHECK(sum.tokens == step.batches[0].target_tokens + step.batches[1].target_tokens);
    REQUIRE(told.back() == "all");
    told.pop_back();
    std::vector<std::string> sorted = told;
    std::vector<std::string> expected = step.names();
    std::ranges::sort(sorted);
    std::ranges::sort(expected);
    CHECK(sorted == expected);
    CHECK((run == 0 || told == first));
    first = told;
  }
}

TEST_CASE("gradients of late layers are told of while earlier ones have none") {
  Step step;
  const std::vector<data::Batch> one = {step.batches[0]};
  std::vector<std::size_t> ready;  // the number of parameters with a gradient at each call
  TrainingHooks hooks;
  hooks.on_gradient = [&](const std::string&, const Tensor&, const BatchLoss&) {
    const nn::NamedTensors now = gradients(*step.translator.model);
    ready.push_back(static_cast<std::size_t>(
        std::ranges::count_if(now, [](const auto& g) { return g.second.defined(); })));
  };
  make_gradients(step.task, one, {}, 0, hooks);
  REQUIRE(ready.size() == step.names().size());
  CHECK(ready.front() < ready.size());
  CHECK(std::ranges::is_sorted(ready));
  CHECK(ready.back() == ready.size());
}

TEST_CASE("what the seam adds to a gradient is clipped and reaches the optimizer") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.steps = 1;
  config.momentum = 0;
  config.warmup = 0;
  config.lr = 0.5;
  config.clip = 2;
  Translator translator = tiny_translator();
  Translator before = tiny_translator();
  TrainingHooks hooks;
  std::size_t told = 0;
  hooks.on_gradient = [&told](const std::string& name, Tensor& parameter, const BatchLoss&) {
    ++told;
    parameter.set_gradient(full(parameter.shape(), name == "output.bias" ? 100.0 : 0.0));
  };
  hooks.on_gradients = [&](BatchLoss&) { CHECK(told == before.model->named_parameters().size()); };
  train(translator, config, folder.path("run"), false, hooks);

  const nn::NamedTensors now = translator.model->named_parameters();
  const nn::NamedTensors then = before.model->named_parameters();
  for (std::size_t i = 0; i < now.size(); ++i) {
    INFO(now[i].first);
    const Tensor difference = (then[i].second - now[i].second).detach();
    if (now[i].first == "output.bias") {  // 100 each, clipped to a norm of 2, times the rate
      const double expected = 0.5 * 2 / std::sqrt(static_cast<double>(difference.numel()));
      CHECK(difference.data<float>()[0] == Approx(expected).epsilon(1e-4));
    } else {
      CHECK(identical(difference, zeros_like(difference)));
    }
  }
}

TEST_CASE("the seam hears whole steps alone where batches are accumulated") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.accumulate = 3;
  config.epochs = 1;
  Translator translator = tiny_translator();
  std::size_t told = 0;
  std::size_t steps = 0;
  TrainingHooks hooks;
  hooks.on_gradient = [&told](const std::string&, const Tensor&, const BatchLoss&) { ++told; };
  hooks.on_gradients = [&steps](BatchLoss&) { ++steps; };
  CHECK(train(translator, config, folder.path("heard"), false, hooks).steps == 2);
  CHECK(steps == 2);
  CHECK(told == 2 * translator.model->named_parameters().size());

  Translator alone = tiny_translator();
  train(alone, config, folder.path("alone"), false);
  CHECK(same_parameters(*alone.model, *translator.model));
}

}  // namespace
}  // namespace weft::models
