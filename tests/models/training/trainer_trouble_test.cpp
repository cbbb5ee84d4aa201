#include <limits>
#include <set>

#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/training/short_runs.hpp"

// What a training makes of losses, gradients, parameters and figures that are not finite.
namespace weft::models {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Makes a weight infinite after a step, once, and notes what the trainer tells. With `heal` the
// weight is made good again when the next step has been left out.
struct Poison {
  Translator& translator;
  std::int64_t step;
  bool heal;
  float before = 0;
  bool done = false;
  std::vector<std::string> troubles = {};

  float& weight() const {
    Tensor output = translator.model->named_parameters().back().second;
    return output.mutable_data<float>()[5];
  }
  TrainingHooks hooks() {
    TrainingHooks all;
    all.on_step = [this](const Progress& progress) {
      if (progress.step == step && !done) {
        before = weight();
        weight() = std::numeric_limits<float>::infinity();
        done = true;
      } else if (heal && std::isinf(weight())) {
        weight() = before;
      }
    };
    all.on_trouble = [this](const std::string& trouble) { troubles.push_back(trouble); };
    return all;
  }
};

TEST_CASE("a step that is not finite ends the training") {
  const data::TemporaryFolder folder;
  Translator translator = tiny_translator();
  Poison poison{translator, 2, false};
  CHECK_THROWS_WITH(
      train(translator, short_run(OptimizerKind::sgd), folder.path("run"), false, poison.hooks()),
      Catch::Matchers::StartsWith("train: not finite at step 3; got loss"));
  CHECK(poison.troubles.empty());
}

TEST_CASE("a step that is not finite is left out, ten of them in a row at most") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.on_nan = OnNan::skip;
  Translator translator = tiny_translator();
  Poison once{translator, 2, true};
  const TrainingResult result = train(translator, config, folder.path("run"), false, once.hooks());
  CHECK(result.steps == 3 * kBatches - 1);
  REQUIRE(once.troubles.size() == 1);
  CHECK(once.troubles[0].ends_with("; step skipped"));
  CHECK(once.troubles[0].starts_with("not finite at step 3"));

  config.epochs = 9;
  Translator lost = tiny_translator();
  Poison forever{lost, 5, false};
  CHECK_THROWS_WITH(train(lost, config, folder.path("lost"), false, forever.hooks()),
                    Catch::Matchers::Contains("not finite"));
  CHECK(forever.troubles.size() <= 10);

  Translator ill = tiny_translator();  // not even its first step is made
  Tensor output = ill.model->named_parameters().back().second;
  output.mutable_data<float>()[5] = std::numeric_limits<float>::infinity();
  TrainingHooks watch;
  watch.on_step = [](const Progress& progress) { CHECK(progress.loss == 0); };
  CHECK_THROWS_AS(train(ill, config, folder.path("ill"), false, watch), Error);
}

TEST_CASE("a training goes back to its last checkpoint with half the learning rate") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.on_nan = OnNan::rollback;
  Translator translator = tiny_translator();
  Poison poison{translator, kBatches + 2, false};
  const TrainingResult result =
      train(translator, config, folder.path("run"), false, poison.hooks());
  CHECK(result.steps == 3 * kBatches);
  REQUIRE(poison.troubles.size() == 1);
  CHECK(poison.troubles[0].ends_with("; rolled back to step 4 with half the learning rate"));
  CHECK(log_of(folder.path("run")).back().at("lr") == Approx(config.lr / 2));

  Translator early = tiny_translator();  // nothing to go back to
  Poison first{early, 1, false};
  CHECK_THROWS_AS(train(early, config, folder.path("early"), false, first.hooks()), Error);
}

// Copying, with validation losses of our choice.
class JudgedTask : public TranslationTask {
 public:
  JudgedTask(Translator& translator, const TrainingConfig& config, std::vector<double> losses)
      : TranslationTask(translator, copy_data(translator, 20, 6), batches_of(config)),
        losses_(std::move(losses)) {}

  double validation_loss() override { return losses_.at(asked_++); }

 private:
  std::vector<double> losses_;
  std::size_t asked_ = 0;
};

struct Judged {
  TrainingResult result;
  std::vector<std::string> troubles;
  std::vector<bool> best;
};

Judged judge(const TrainingConfig& config, const std::vector<double>& losses,
             const std::filesystem::path& run, const TrainingHooks& hooks = {}) {
  Translator translator = tiny_translator();
  JudgedTask task(translator, config, losses);
  Judged judged{};
  TrainingHooks all = hooks;
  all.on_trouble = [&](const std::string& trouble) { judged.troubles.push_back(trouble); };
  all.on_epoch = [&](const EpochReport& report) {
    CHECK((!report.valid_loss || std::isfinite(*report.valid_loss)));
    judged.best.push_back(report.best);
  };
  judged.result = Trainer(task, config, default_generator(), run, false).run(all);
  return judged;
}

TEST_CASE("a validation that is not finite counts as no better where troubles are skipped") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.on_nan = OnNan::skip;
  config.epochs = 4;
  config.schedule = optim::Decay::plateau;
  const Judged judged = judge(config, {kNaN, 2, kInf, 1}, folder.path("run"));
  CHECK(judged.result.steps == 4 * kBatches);
  CHECK(judged.result.best_valid_loss == 1);
  CHECK(judged.best == std::vector<bool>{false, true, false, true});
  REQUIRE(judged.troubles.size() == 2);
  CHECK(judged.troubles[0] ==
        "validation loss not finite after step 4; got nan; the model counts as not better");
  const std::vector<Json> log = log_of(folder.path("run"));
  CHECK_FALSE(log.at(0).contains("valid_loss"));
  CHECK(log.at(1).at("valid_loss") == 2);
  CHECK(log.at(3).at("lr") == Approx(config.lr / 4));  // the plateau saw two that were no better
}

TEST_CASE("a training without a finite validation ends without a best one") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.on_nan = OnNan::skip;
  const Judged judged = judge(config, {kNaN, kNaN, kNaN}, folder.path("run"));
  CHECK_FALSE(judged.result.best_valid_loss.has_value());
  CHECK(list_folder(folder.path("run")) == std::vector<std::string>{"last", "log.jsonl"});
  config.patience = 2;
  CHECK(judge(config, {kNaN, kNaN}, folder.path("patient")).result.epochs == 2);
}

TEST_CASE("a score that is not finite is treated as a loss is") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.stop_on = StopOn::score;
  Translator translator = tiny_translator();
  struct : TranslationTask {
    using TranslationTask::TranslationTask;
    double validation_score() override { return kNaN; }
  } task(translator, copy_data(translator, 20, 6), batches_of(config));
  CHECK(contains(message_of([&] {
                   Trainer(task, config, default_generator(), folder.path("run"), false).run();
                 }),
                 "train: validation bleu not finite after step 4; got nan"));
}

// Fills a parameter with NaN for its own lifetime.
class Spoiled {
 public:
  explicit Spoiled(const Tensor& parameter) : parameter_(parameter), before_(parameter.clone()) {
    parameter_.copy_(full(parameter.shape(), kNaN));
  }
  ~Spoiled() { parameter_.copy_(before_); }
  Spoiled(const Spoiled&) = delete;
  Spoiled& operator=(const Spoiled&) = delete;

 private:
  Tensor parameter_;
  Tensor before_;
};

// Scores by a search that finds the model unable to predict, the given times.
class UnpredictableTask : public TranslationTask {
 public:
  UnpredictableTask(Translator& translator, const TrainingConfig& config, std::set<int> bad)
      : TranslationTask(translator, copy_data(translator, 20, 6), batches_of(config)),
        bad_(std::move(bad)) {}

  double validation_score() override {
    if (!bad_.contains(++asked_)) {
      return TranslationTask::validation_score();
    }
    const Spoiled spoiled(module().named_parameters().back().second);
    return TranslationTask::validation_score();
  }

 private:
  std::set<int> bad_;
  int asked_ = 0;
};

TEST_CASE("a search for the score that is not finite is treated as such a score is") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.stop_on = StopOn::score;
  const auto run = [&](OnNan policy, const std::set<int>& bad) {
    config.on_nan = policy;
    Translator translator = tiny_translator();
    UnpredictableTask task(translator, config, bad);
    std::string told;
    TrainingHooks hooks;
    hooks.on_trouble = [&](const std::string& trouble) { told = trouble; };
    const std::string name(weft::name(policy));
    Trainer(task, config, default_generator(), folder.path(name), false).run(hooks);
    return told;
  };
  const std::string bad = "validation bleu not finite after step 8; got nan";
  CHECK(message_of([&] { run(OnNan::stop, {2}); }) == "train: " + bad + "; hint: lower --lr");
  CHECK(run(OnNan::skip, {2}) == bad + "; the model counts as not better");
  CHECK(run(OnNan::rollback, {2}) == bad + "; rolled back to step 4 with half the learning rate");
}

TEST_CASE("a training goes back to its last checkpoint when a validation is not finite") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.on_nan = OnNan::rollback;
  const Judged judged = judge(config, {3, kNaN, 2, 1}, folder.path("run"));
  CHECK(judged.result.steps == 3 * kBatches);
  REQUIRE(judged.troubles.size() == 1);
  CHECK(judged.troubles[0] ==
        "validation loss not finite after step 8; got nan; rolled back to step 4 with half "
        "the learning rate");
  CHECK(log_of(folder.path("run")).size() == 3);
  CHECK(log_of(folder.path("run")).back().at("lr") == Approx(config.lr / 2));

  const auto message = [&](const std::vector<double>& losses, const char* run) {
    return message_of([&] { judge(config, losses, folder.path(run)); });
  };
  CHECK(message({kNaN}, "early") ==
        "train: validation loss not finite after step 4; got nan; hint: lower --lr");
  std::vector<double> hopeless(20, kNaN);
  hopeless[0] = 3;
  CHECK(contains(message(hopeless, "hopeless"), "not finite after step 8"));
  config.save_every = kBatches;  // what was saved last is the very model
  CHECK(contains(message({3, kNaN}, "same"), "not finite after step 8"));
}

TEST_CASE("a training with an average goes back with it") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.on_nan = OnNan::rollback;
  config.average = 2;
  CHECK(judge(config, {3, kNaN, 2, 1}, folder.path("run")).result.steps == 3 * kBatches);
  CHECK(Translator::load(folder.path("run/best")).model->num_parameters() > 0);
}

// A word that the batches do not have is spoiled: no loss and no gradient tells.
TrainingHooks spoil_unused(Translator& translator, std::int64_t step) {
  TrainingHooks hooks;
  hooks.on_step = [&translator, step, done = false](const Progress& progress) mutable {
    if (progress.step == step && !done) {
      Tensor table = translator.model->named_parameters().front().second;
      table.mutable_data<float>()[data::kUnk * table.size(1)] = std::nanf("");
      done = true;
    }
  };
  return hooks;
}

TEST_CASE("a parameter that no loss tells of is seen before it is saved") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  const auto run = [&](const std::string& name, std::int64_t step) {
    Translator translator = tiny_translator();
    TrainingHooks hooks = spoil_unused(translator, step);
    std::string told;
    hooks.on_trouble = [&](const std::string& trouble) { told = trouble; };
    train(translator, config, folder.path(name), false, hooks);
    return told;
  };
  const std::string spoiled = "not finite after step 8; got nan in source_embedding.weight";
  for (const OnNan policy : {OnNan::stop, OnNan::skip}) {
    config.on_nan = policy;
    const std::string name(weft::name(policy));
    CHECK(message_of([&] { run(name, 6); }) == "train: " + spoiled + "; hint: lower --lr");
    CHECK_NOTHROW(Translator::load(folder.path(name) + "/last"));
    CHECK(log_of(folder.path(name)).size() == 1);
  }
  config.on_nan = OnNan::rollback;
  CHECK(run("rollback", 6) == spoiled + "; rolled back to step 4 with half the learning rate");
  config.save_every = 3;
  CHECK(run("often", 8) == spoiled + "; rolled back to step 6 with half the learning rate");
  CHECK(run("saved", 5) ==
        "not finite after step 6; got nan in source_embedding.weight; rolled back to step 4 with "
        "half the learning rate");
  CHECK_NOTHROW(Translator::load(folder.path("saved")));
}

TEST_CASE("an optimizer whose state is infinite is not saved") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.clip = 0;
  Translator translator = tiny_translator();
  TrainingHooks hooks;
  hooks.on_gradient = [](const std::string& name, Tensor& parameter, const BatchLoss&) {
    if (name == "output.bias") {  // finite, its square not
      parameter.set_gradient(full(parameter.shape(), 1e30));
    }
  };
  CHECK(message_of([&] { train(translator, config, folder.path("run"), false, hooks); }) ==
        "train: not finite after step 4; got inf in output.bias.exp_avg_sq; hint: lower --lr");
  CHECK(list_folder(folder.path("run")).size() <= 1);
}

TEST_CASE("a run that has gone back is resumed to the same bits") {
  const data::TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.on_nan = OnNan::rollback;
  const auto run = [&](const std::string& name, std::int64_t stop) {
    Translator translator = tiny_translator();
    TrainingHooks hooks = spoil_unused(translator, 6);
    std::int64_t made = 0;
    hooks.should_stop = [&made, stop] { return ++made == stop; };
    train(translator, config, folder.path(name), false, hooks);
    Translator other = tiny_translator();
    train(other, config, folder.path(name), true);
  };
  run("whole", -1);
  for (const std::int64_t stop : {10, 12}) {  // after the way back: steps 5 and 7 again
    run("run", stop);
    check_same_run(folder.path("whole"), folder.path("run"));
    std::filesystem::remove_all(folder.path("run"));
  }
}

}  // namespace
}  // namespace weft::models
