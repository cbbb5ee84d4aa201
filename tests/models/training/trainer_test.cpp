#include "models/training/trainer.hpp"

#include <limits>

#include "models/translation/evaluate.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/training/short_runs.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;
using data::TemporaryFolder;

TEST_CASE("a model learns to copy") {
  const TemporaryFolder folder;
  for (const std::string_view preset_name : preset_names()) {
    INFO(preset_name);
    manual_seed(1);
    const std::unique_ptr<ModelConfig> config = tiny_preset(preset_name);
    resize(*config, [] { return 16; });
    Translator translator = Translator::make(*config, twelve_words(), twelve_words(), {});
    TrainingConfig training;
    training.batch.sentences = 12;
    training.epochs = 60;
    training.lr = preset_name == "vaswani2017" ? 0.003 : 0.02;
    TranslationTask task(translator, copy_data(translator, 36, 0), batches_of(training));
    Trainer trainer(task, training, default_generator(), folder.path(std::string(preset_name)),
                    false);
    std::vector<double> losses;
    TrainingHooks hooks;
    hooks.on_epoch = [&](const EpochReport& report) { losses.push_back(report.train_loss); };
    const TrainingResult result = trainer.run(hooks);
    CHECK(result.steps == 180);
    CHECK(result.epochs == 60);
    CHECK_FALSE(result.interrupted);
    CHECK_FALSE(result.best_valid_loss.has_value());
    REQUIRE(losses.size() == 60);
    CHECK(losses.front() > 1.5);
    CHECK(losses.back() < 0.1);
    CHECK(mean_loss(*translator.model, copy_task(36), {}) < 0.1);
    CHECK(translator.translate({"w3"}, 1) == std::vector<std::string>{"w3"});
  }
}

TEST_CASE("the log has a line an epoch") {
  const TemporaryFolder folder;
  Translator translator = tiny_translator();
  train(translator, short_run(OptimizerKind::adam), folder.path("run"), false);
  const std::vector<Json> log = log_of(folder.path("run"));
  REQUIRE(log.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(log[i].at("epoch") == i + 1);
    CHECK(log[i].at("step") == (i + 1) * kBatches);
    CHECK(log[i].at("train_loss") > 0);
    CHECK(log[i].at("lr") == 0.02);
    CHECK(log[i].at("valid_perplexity").get<double>() ==
          Approx(std::exp(log[i].at("valid_loss").get<double>())));
  }
}

TEST_CASE("best/ holds the model with the lowest validation loss") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.epochs = 6;
  config.lr = 1.5;  // so high that the loss goes up and down
  config.clip = 0;
  Translator translator = tiny_translator();
  std::vector<EpochReport> reports;
  TrainingHooks hooks;
  hooks.on_epoch = [&](const EpochReport& report) { reports.push_back(report); };
  const TrainingResult result = train(translator, config, run, false, hooks);

  double lowest = std::numeric_limits<double>::max();
  for (const EpochReport& report : reports) {
    REQUIRE(report.valid_loss.has_value());
    CHECK(report.best == (*report.valid_loss < lowest));
    lowest = std::min(lowest, *report.valid_loss);
  }
  REQUIRE(*reports.back().valid_loss > lowest);
  REQUIRE(result.best_valid_loss.has_value());
  CHECK(*result.best_valid_loss == lowest);
  CHECK(mean_loss(*Translator::load(run).model, copy_task(6, 20), config.batch) == lowest);
  CHECK(mean_loss(*Translator::load(run / "last").model, copy_task(6, 20), config.batch) ==
        *reports.back().valid_loss);
}

TEST_CASE("with the schedule plateau the rate falls after each epoch that is no better") {
  const TemporaryFolder folder;
  Translator translator = tiny_translator();
  train(translator, plateau_run(), folder.path("run"), false);
  double expected = 1.5;
  int falls = 0;
  for (const Json& epoch : log_of(folder.path("run"))) {
    CHECK(epoch.at("lr") == expected);
    if (!epoch.at("best").get<bool>()) {
      expected *= 0.25;
      ++falls;
    }
  }
  CHECK(falls >= 2);
}

TEST_CASE("the schedule plateau needs validation data") {
  const TemporaryFolder folder;
  Translator translator = tiny_translator();
  const auto make = [&] {
    TranslationTask task(translator, copy_data(translator, 20, 0), batches_of(plateau_run()));
    Trainer(task, plateau_run(), Generator(1), folder.path("run"), false);
  };
  CHECK(message_of(make) == "training: the schedule plateau needs validation data; got none");
  CHECK_FALSE(fs::exists(folder.path("run")));
}

TEST_CASE("training ends by patience") {
  const TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.epochs = 50;
  config.patience = 2;
  config.lr = 0;  // never better after the first epoch
  Translator translator = tiny_translator();
  const TrainingResult result = train(translator, config, folder.path("run"), false);
  CHECK(result.epochs == 3);
  CHECK(train(translator, config, folder.path("run"), true).epochs == 3);
}

TEST_CASE("training ends by the number of steps, and what it has is saved") {
  const TemporaryFolder folder;
  TrainingConfig config = short_run(OptimizerKind::adam);
  config.steps = 6;
  Translator translator = tiny_translator();
  const TrainingResult result = train(translator, config, folder.path("run"), false);
  CHECK(result.steps == 6);
  CHECK_FALSE(result.interrupted);
  CHECK(log_of(folder.path("run")).back().at("step") == 6);
  const Translator saved = Translator::load(folder.path("run/last"));
  CHECK(same_parameters(*saved.model, *translator.model));
}

TEST_CASE("a directory that holds a run, or another run, is an error") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  const TrainingConfig config = short_run(OptimizerKind::adam);
  Translator translator = tiny_translator();
  train(translator, config, run, false, stop_after(2));
  const auto before = folder_bytes(run / "last");
  CHECK(contains(message_of([&] { train(translator, config, run, false); }),
                 "already contains a run; hint: --resume continues it"));
  const auto on_other_data = [&](std::int64_t train_pairs, std::int64_t valid_pairs) {
    return message_of([&] {
      TranslationTask task(translator, copy_data(translator, train_pairs, valid_pairs),
                           batches_of(config));
      Trainer(task, config, Generator(1), run, true);
    });
  };
  CHECK(contains(on_other_data(19, 6), "the data differ from those of the run"));
  CHECK(contains(on_other_data(20, 5), "the data differ from those of the run"));
  CHECK(on_other_data(20, 6) == "no error");
  CHECK((folder_bytes(run / "last") == before));
}

TEST_CASE("a loss that is not finite is an error and leaves what was saved") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  const TrainingConfig config = short_run(OptimizerKind::adam);
  Translator translator = tiny_translator();
  train(translator, config, run, false, stop_after(5));
  const auto last = folder_bytes(run / "last");
  const auto best = folder_bytes(run / "best");

  TranslationTask task(translator, copy_data(translator, 20, 6), batches_of(config));
  Trainer trainer(task, config, Generator(1), run, true);
  Tensor weight = translator.model->parameters().back();
  weight.mutable_data<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK(contains(message_of([&] { trainer.run(); }), "train: not finite at step 6; got loss nan"));
  CHECK((folder_bytes(run / "last") == last));  // the parentheses keep bytes out of a report
  CHECK((folder_bytes(run / "best") == best));
}

TEST_CASE("a step that ruins the model is not saved, be it the last of an epoch") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  TrainingConfig config = short_run(OptimizerKind::sgd);
  Translator translator = tiny_translator();
  train(translator, config, run, false, stop_after(2 * kBatches - 1));
  const auto last = folder_bytes(run / "last");
  const auto best = folder_bytes(run / "best");

  config.lr = 3e38;
  config.clip = 0;
  CHECK(contains(message_of([&] { train(translator, config, run, true); }), "not finite"));
  CHECK((folder_bytes(run / "last") == last));  // the parentheses keep bytes out of a report
  CHECK((folder_bytes(run / "best") == best));
}

TEST_CASE("a validation loss that is not finite is an error and leaves what was saved") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  const TrainingConfig config = short_run(OptimizerKind::sgd);
  Translator translator = tiny_translator();
  train(translator, config, run, false, stop_after(2 * kBatches - 1));
  const auto last = folder_bytes(run / "last");
  const auto best = folder_bytes(run / "best");

  TrainingHooks hooks;
  hooks.on_step = [&](const Progress& progress) {
    if (progress.step == 2 * kBatches) {  // finite parameters, whose products are not
      for (Tensor parameter : translator.model->parameters()) {
        parameter.copy_(full(parameter.shape(), 3e38));
      }
    }
  };
  CHECK(contains(message_of([&] { train(translator, config, run, true, hooks); }),
                 "train: validation loss not finite after step 8; got "));
  CHECK((folder_bytes(run / "last") == last));
  CHECK((folder_bytes(run / "best") == best));
}

TEST_CASE("every field of a training out of range is named") {
  const auto message = [](auto change) {
    TrainingConfig config;
    change(config);
    return message_of([&] { validate(config); });
  };
  CHECK(message([](TrainingConfig&) {}) == "no error");
  CHECK(contains(message([](TrainingConfig& c) { c.batch.sentences = 0; }), "batch out of range"));
  CHECK(contains(message([](TrainingConfig& c) { c.epochs = 0; }), "epochs out of range"));
  CHECK(contains(message([](TrainingConfig& c) { c.steps = -1; }), "steps out of range"));
  CHECK(contains(message([](TrainingConfig& c) { c.warmup = -1; }), "warmup out of range"));
  CHECK(contains(message([](TrainingConfig& c) { c.patience = -1; }), "patience out of range"));
  CHECK(contains(message([](TrainingConfig& c) { c.save_every = -1; }), "save_every out of range"));
  CHECK(contains(message([](TrainingConfig& c) { c.clip = -1; }), "clip out of range"));
  CHECK(contains(message([](TrainingConfig& c) { c.teacher_forcing = 2; }),
                 "teacher_forcing out of range"));
  CHECK(contains(message([](TrainingConfig& c) { c.lr = -1; }), "lr out of range"));
  CHECK(contains(message([](TrainingConfig& c) { c.decay_factor = 1; }),
                 "decay_factor out of range; got 1; expected 0 < decay_factor < 1"));
  CHECK(contains(message([](TrainingConfig& c) { c.decay_patience = -1; }),
                 "decay_patience out of range"));
  CHECK(
      contains(message([](TrainingConfig& c) { c.decay_every = 0; }), "decay_every out of range"));
}

}  // namespace
}  // namespace weft::models
