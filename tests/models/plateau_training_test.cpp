#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/runs.hpp"

// The schedule that goes by the validation loss, in the trainer that keeps its state.
namespace weft::models {
namespace {

using data::TemporaryFolder;

// Six epochs whose losses go up and down, the rate falling when they go up.
TrainingConfig plateau_run() {
  TrainingConfig config = short_run(OptimizerKind::sgd);
  config.epochs = 6;
  config.lr = 1.5;
  config.clip = 0;
  config.warmup = 0;
  config.schedule = optim::Decay::plateau;
  config.decay_factor = 0.25;
  return config;
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

TEST_CASE("the schedule plateau needs validation pairs") {
  const TemporaryFolder folder;
  Translator translator = tiny_translator();
  const auto make = [&] {
    Trainer(translator, plateau_run(), copy_task(20), {}, folder.path("run"), false);
  };
  CHECK(message_of(make) ==
        "training: the schedule plateau goes by the validation loss; got no validation pairs");
  CHECK_FALSE(fs::exists(folder.path("run")));
}

}  // namespace
}  // namespace weft::models
