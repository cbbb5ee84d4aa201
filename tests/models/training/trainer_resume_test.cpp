#include "models/training/trainer.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/training/short_runs.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;
using data::TemporaryFolder;

TEST_CASE("a run killed after its last save leaves nothing behind once it is resumed") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  const TrainingConfig config = short_run(OptimizerKind::adam);
  Translator translator = tiny_translator();
  train(translator, config, run, false);
  fs::copy(run / "last", run / "last.weft-99999999");
  fs::copy(run / "best", run / "best.weft-99999999");
  CHECK(train(translator, config, run, true).steps == 3 * kBatches);
  CHECK(list_folder(run) == std::vector<std::string>{"best", "last", "log.jsonl"});
}

TEST_CASE("a place in an epoch that has not this many batches is refused") {
  const TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  Translator translator = tiny_translator();
  train(translator, config, folder.path("run"), false, stop_after(3));
  config.batch.sentences = 100;
  CHECK(contains(message_of([&] { train(translator, config, folder.path("run"), true); }),
                 "field 'batch' does not fit the data; got 3; expected at most 1"));
}

TEST_CASE("an interrupted run goes on to the same bits") {
  for (const OptimizerKind optimizer :
       {OptimizerKind::adam, OptimizerKind::sgd, OptimizerKind::adamw, OptimizerKind::adagrad,
        OptimizerKind::adadelta}) {
    const TemporaryFolder folder;
    const TrainingConfig config = short_run(optimizer);
    Translator whole = tiny_translator("bahdanau2015", 0.2);
    REQUIRE(train(whole, config, folder.path("whole"), false).steps == 3 * kBatches);
    // The first step, inside an epoch, at its last batch, one later, the very last.
    for (const std::int64_t step : {1, 3, 4, 5, 8, 11, 12}) {
      INFO(name(optimizer) << ", step " << step);
      const fs::path run = folder.path("run" + std::to_string(step));
      Translator first = tiny_translator("bahdanau2015", 0.2);
      const TrainingResult part = train(first, config, run, false, stop_after(step));
      CHECK(part.interrupted);
      CHECK(part.steps == step);
      Translator second = tiny_translator("bahdanau2015", 0.2, 99);
      const TrainingResult rest = train(second, config, run, true);
      CHECK_FALSE(rest.interrupted);
      CHECK(rest.steps == 3 * kBatches);
      CHECK(same_parameters(*whole.model, *second.model));
      check_same_run(folder.path("whole"), run);
    }
  }
}

TEST_CASE("a run interrupted after every step goes on to the same bits") {
  const TemporaryFolder folder;
  const TrainingConfig config = short_run(OptimizerKind::adam);
  Translator whole = tiny_translator("tutorial", 0.2);
  train(whole, config, folder.path("whole"), false);
  for (std::int64_t step = 1; step <= 3 * kBatches; ++step) {
    Translator translator = tiny_translator("tutorial", 0.2);
    CHECK(train(translator, config, folder.path("run"), step > 1, stop_after(step)).interrupted);
  }
  Translator last = tiny_translator("tutorial", 0.2);
  train(last, config, folder.path("run"), true);
  CHECK(same_parameters(*whole.model, *last.model));
  check_same_run(folder.path("whole"), folder.path("run"));
}

TEST_CASE("a run interrupted within steps and validations goes on to the same bits") {
  const TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.epochs = 2;
  config.accumulate = 2;
  config.average = 2;
  config.stop_on = StopOn::score;
  std::int64_t questions = 0;
  Translator whole = tiny_translator("bahdanau2015", 0.2);
  train(whole, config, folder.path("whole"), false, stop_at_question(questions, 0));
  REQUIRE(questions > 2 * kBatches);
  for (std::int64_t question = 1; question <= questions; ++question) {
    INFO("question " << question);
    const fs::path run = folder.path("run" + std::to_string(question));
    std::int64_t asked = 0;
    Translator first = tiny_translator("bahdanau2015", 0.2);
    CHECK(train(first, config, run, false, stop_at_question(asked, question)).interrupted);
    CHECK(asked == question);
    Translator second = tiny_translator("bahdanau2015", 0.2, 99);
    train(second, config, run, true);
    CHECK(same_parameters(*whole.model, *second.model));
    check_same_run(folder.path("whole"), run);
    const bool same_average = bytes_of(folder.path("whole/last/average.safetensors")) ==
                              bytes_of(run / "last" / kAverageName);
    CHECK(same_average);
  }
}

TEST_CASE("a killed run goes on from its last save to the same bits") {
  const TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.save_every = 2;
  Translator whole = tiny_translator("bahdanau2015", 0.2);
  train(whole, config, folder.path("whole"), false);
  for (const std::int64_t step : {1, 3, 4, 7, 12}) {
    INFO("step " << step);
    const fs::path run = folder.path("run" + std::to_string(step));
    Translator first = tiny_translator("bahdanau2015", 0.2);
    CHECK_THROWS_AS(train(first, config, run, false, die_after(step)), std::runtime_error);
    std::ofstream(run / "log.jsonl", std::ios::app) << "{\"best\":fal";
    // Before the first save there is nothing to resume, and the run starts again.
    Translator second = tiny_translator("bahdanau2015", 0.2);
    train(second, config, run, true);
    CHECK(same_parameters(*whole.model, *second.model));
    check_same_run(folder.path("whole"), run);
  }
}

TEST_CASE("a plateau's state survives every resume, and the end of --steps within an epoch") {
  const TemporaryFolder folder;
  const TrainingConfig config = plateau_run();
  Translator whole = tiny_translator();
  train(whole, config, folder.path("whole"), false);
  for (std::int64_t step = 1; step <= 6 * kBatches; ++step) {
    Translator translator = tiny_translator();
    train(translator, config, folder.path("run"), step > 1, stop_after(step));
  }
  Translator last = tiny_translator();
  train(last, config, folder.path("run"), true);
  check_same_run(folder.path("whole"), folder.path("run"));

  Translator cut = tiny_translator();
  TrainingConfig part = config;
  part.steps = 2 * kBatches + 1;
  train(cut, part, folder.path("cut"), false);
  train(cut, config, folder.path("cut"), true);
  CHECK(same_parameters(*whole.model, *cut.model));
}

TEST_CASE("a run interrupted at the last of its steps ends as if it had not been") {
  const TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.steps = 6;
  Translator whole = tiny_translator();
  train(whole, config, folder.path("whole"), false);
  Translator translator = tiny_translator();
  CHECK(train(translator, config, folder.path("run"), false, stop_after(6)).interrupted);
  train(translator, config, folder.path("run"), true);
  check_same_run(folder.path("whole"), folder.path("run"));
}

TEST_CASE("a run that lost last/ or a part of it is neither continued nor started over") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  TrainingConfig config = short_run(OptimizerKind::adam);
  Translator translator = tiny_translator();
  const auto resume = [&] {
    const auto best = folder_bytes(run / "best");
    const std::size_t epochs = log_of(run).size();
    const std::string message = message_of([&] { train(translator, config, run, true); });
    CHECK((folder_bytes(run / "best") == best));
    CHECK(log_of(run).size() == epochs);
    return message;
  };
  for (const std::int64_t epochs : {3, 1}) {
    fs::remove_all(run);
    config.epochs = epochs;
    train(translator, config, run, false);
    fs::remove(run / "last" / kTrainerName);
    CHECK(contains(resume(), run.string() + "/last/trainer.json: the file is missing"));
    fs::remove_all(run / "last");
    CHECK(contains(resume(),
                   ": cannot resume without last/; got only best/ and log.jsonl; "
                   "expected last/ or a new run directory"));
  }
  fs::remove(run / "log.jsonl");
  CHECK(contains(resume(), ": cannot resume without last/; got only best/; expected last/ or"));
}

// Fails at a save, counted from 1, and leaves what a killed process would leave.
class DyingTask : public TranslationTask {
 public:
  DyingTask(Translator& translator, const TrainingConfig& config, int last_save)
      : TranslationTask(translator, copy_data(translator, 20, 6), batches_of(config)),
        last_save_(last_save) {}

  void save(DirectoryWriter& writer) const override {
    if (++saves_ == last_save_) {
      throw std::runtime_error("killed");
    }
    TranslationTask::save(writer);
  }

 private:
  int last_save_;
  mutable int saves_ = 0;
};

TEST_CASE("a run killed at any of its saves goes on to the same bits") {
  const TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.average = 2;
  Translator whole = tiny_translator();
  train(whole, config, folder.path("whole"), false);
  for (int save = 1; save <= 5; ++save) {
    INFO("save " << save);
    const fs::path run = folder.path("run" + std::to_string(save));
    Translator first = tiny_translator();
    DyingTask task(first, config, save);
    CHECK_THROWS_AS(Trainer(task, config, default_generator(), run, false).run(),
                    std::runtime_error);
    CHECK((!fs::exists(run / "best") || fs::exists(run / "last")));
    Translator second = tiny_translator();
    train(second, config, run, true);
    check_same_run(folder.path("whole"), run);
  }
}

// The loss goes up from epoch to epoch: every model after the first is worse.
TrainingConfig worsening_run() {
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.lr = 3;
  config.clip = 0;
  config.warmup = 0;
  return config;
}

// What a training tells, and how it ends.
struct Told {
  std::vector<std::string> troubles;
  TrainingResult result;
};

Told resume(const TrainingConfig& config, const fs::path& run) {
  Told told;
  TrainingHooks hooks;
  hooks.on_trouble = [&](const std::string& trouble) { told.troubles.push_back(trouble); };
  Translator translator = tiny_translator();
  told.result = train(translator, config, run, true, hooks);
  return told;
}

TEST_CASE("a lost best/ does not count: the last model or the next one takes its place") {
  const std::string warning =
      "/best: missing; the next model that is validated is saved there, even if the lost one was "
      "better";
  for (const StopOn stop_on : {StopOn::loss, StopOn::score}) {
    const TemporaryFolder folder;
    const fs::path run = folder.path("run");
    TrainingConfig config = worsening_run();
    config.stop_on = stop_on;
    Translator translator = tiny_translator();
    train(translator, config, run, false);
    const bool went_on = bytes_of(run / "best" / kModelName) != bytes_of(run / "last" / kModelName);
    REQUIRE(went_on);
    for (const std::int64_t epochs : {3, 4}) {
      INFO(name(stop_on) << ", " << epochs << " epochs");
      fs::remove_all(run / "best");
      config.epochs = epochs;
      const Told told = resume(config, run);
      CHECK(told.troubles == std::vector<std::string>{run.string() + warning});
      const bool same = bytes_of(run / "best" / kModelName) == bytes_of(run / "last" / kModelName);
      CHECK(same);
      REQUIRE(told.result.best_valid_loss);
      CHECK(*told.result.best_valid_loss == log_of(run).back().at("valid_loss"));
      const Told again = resume(config, run);
      CHECK(again.troubles.empty());
      CHECK(again.result.best_valid_loss == told.result.best_valid_loss);
    }
  }
}

TEST_CASE("a lost best/ of a run without validation data is made again") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  const TrainingConfig config = short_run(OptimizerKind::adam);
  Translator translator = tiny_translator();
  TranslationTask task(translator, copy_data(translator, 20, 0), batches_of(config));
  Trainer(task, config, default_generator(), run, false).run();
  const std::string best = bytes_of(run / "best" / kModelName);
  fs::remove_all(run / "best");
  Trainer(task, config, default_generator(), run, true).run();
  const bool same = bytes_of(run / "best" / kModelName) == best;
  CHECK(same);
}

TEST_CASE("the loss that is reported is that of best/, whatever it was chosen by") {
  const TemporaryFolder folder;
  TrainingConfig config = worsening_run();
  config.stop_on = StopOn::score;
  Translator translator = tiny_translator();
  const TrainingResult result = train(translator, config, folder.path("run"), false);
  double of_best = 0;
  for (const Json& line : log_of(folder.path("run"))) {
    of_best = line.at("best") ? line.at("valid_loss").get<double>() : of_best;
  }
  REQUIRE(result.best_valid_loss);
  CHECK(*result.best_valid_loss == of_best);
}

}  // namespace
}  // namespace weft::models
