#include <algorithm>
#include <cmath>
#include <set>

#include "tests/catch.hpp"
#include "tests/models/training/short_runs.hpp"

// The less common ways to train.
namespace weft::models {
namespace {

TEST_CASE("accumulated batches make the step of one batch of all their sentences") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.teacher_forcing = 1;
  config.epochs = 1;
  config.clip = 0;
  config.momentum = 0;
  config.batch.sentences = 20;
  Translator whole = tiny_translator();
  train(whole, config, folder.path("whole"), false);
  config.batch.sentences = 5;
  config.accumulate = 4;
  Translator parts = tiny_translator();
  const TrainingResult result = train(parts, config, folder.path("parts"), false);
  CHECK(result.steps == 1);
  const nn::NamedTensors a = whole.model->state();
  const nn::NamedTensors b = parts.model->state();
  for (std::size_t i = 0; i < a.size(); ++i) {
    INFO(a[i].first);
    const Tensor difference = (a[i].second - b[i].second).to(DType::float64);
    CHECK(distance(difference, zeros_like(difference)) < 1e-6);
  }
}

TEST_CASE("every option of a training survives an interruption after every step") {
  const auto check = [](auto change) {
    const data::TemporaryFolder folder;
    TrainingConfig config = short_run(OptimizerKind::adam);
    change(config);
    Translator whole = tiny_translator("tutorial", 0.2);
    const TrainingResult result = train(whole, config, folder.path("whole"), false);
    for (std::int64_t step = 1; step <= result.steps; ++step) {
      Translator translator = tiny_translator("tutorial", 0.2);
      train(translator, config, folder.path("run"), step > 1, stop_after(step));
    }
    Translator last = tiny_translator("tutorial", 0.2);
    train(last, config, folder.path("run"), true);
    CHECK(same_parameters(*whole.model, *last.model));
    check_same_run(folder.path("whole"), folder.path("run"));
  };
  check([](TrainingConfig& c) { c.ema = 0.9; });
  check([](TrainingConfig& c) { c.average = 2; });
  check([](TrainingConfig& c) { c.accumulate = 3; });
  check([](TrainingConfig& c) { c.label_smoothing = 0.2; });
  check([](TrainingConfig& c) {
    c.forcing_by = ForcingBy::sequence;
    c.forcing_schedule = ForcingSchedule::inverse_sigmoid;
  });
}

TEST_CASE("best/ holds the average, last/ the parameters themselves") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.average = 3;
  Translator translator = tiny_translator();
  train(translator, config, folder.path("run"), false);
  const Translator last = Translator::load(folder.path("run/last"));
  CHECK(same_parameters(*last.model, *translator.model));
  const Translator best = Translator::load(folder.path("run/best"));
  CHECK_FALSE(same_parameters(*best.model, *translator.model));
}

// Copying, with scores of our choice.
class ScoredTask : public TranslationTask {
 public:
  ScoredTask(Translator& translator, const TrainingConfig& config, std::vector<double> scores)
      : TranslationTask(translator, copy_data(translator, 20, 6), batches_of(config)),
        scores_(std::move(scores)) {}

  double validation_score() override {
    CHECK_FALSE(module().training());
    return scores_.at(asked_++);
  }

 private:
  std::vector<double> scores_;
  std::size_t asked_ = 0;
};

TEST_CASE("the score chooses the best model if it is asked to") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.stop_on = StopOn::score;
  config.patience = 1;
  const std::vector<double> scores = {-20, 30, 20};  // an error rate's negative may be below 0
  std::vector<bool> best;
  TrainingHooks hooks;
  hooks.on_epoch = [&](const EpochReport& report) {
    CHECK(report.valid_score == scores.at(best.size()));
    best.push_back(report.best);
  };
  Translator translator = tiny_translator();
  ScoredTask task(translator, config, scores);
  Trainer(task, config, default_generator(), folder.path("run"), false).run(hooks);
  CHECK(best == std::vector<bool>{true, true, false});
  CHECK(translator.model->training());
  CHECK(log_of(folder.path("run")).at(1).at("valid_bleu") == 30);
}

TEST_CASE("a sequence's coin decides all its tokens") {
  manual_seed(3);
  const auto model = make_model(tiny_config("bahdanau2015"));
  const data::Batch batch = tiny_batch();
  const auto loss = [&](double ratio, ForcingBy by, std::uint64_t seed) {
    manual_seed(seed);
    return model->loss(batch, {.ratio = ratio, .by = by}).item();
  };
  const double truth = loss(1, ForcingBy::sequence, 1);
  const double own = loss(0, ForcingBy::sequence, 1);
  CHECK(own == loss(0, ForcingBy::token, 1));
  // Three sentences, each fed one way or the other: at most eight losses.
  std::set<double> seen;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    seen.insert(loss(0.5, ForcingBy::sequence, seed));
  }
  CHECK(seen.size() <= 8);
  CHECK(seen.size() > 3);
  CHECK(seen.contains(own));
  CHECK(std::ranges::any_of(seen, [&](double x) { return std::abs(x - truth) < 1e-6; }));
}

}  // namespace
}  // namespace weft::models
