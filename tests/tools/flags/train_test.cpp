#include "tools/flags/train.hpp"

#include <filesystem>
#include <fstream>

#include "models/translation/model_files.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"

namespace weft::tools {
namespace {

/// The flags of `weft train`, parsed and settled.
struct Settled {
  explicit Settled(std::vector<std::string> arguments, const std::string& out = "run") {
    declare(options, flags);
    arguments.insert(arguments.end(), {"--out", out});
    options.parse(arguments);
    settle(options, flags);
  }

  TrainFlags flags;
  Options options{"train", "Trains."};
};

std::string misuse_of(const std::vector<std::string>& arguments, const std::string& out = "run") {
  try {
    const Settled settled(arguments, out);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

/// Makes `folder` look like a run that was started with these arguments.
void save_run(const data::TemporaryFolder& folder, const std::vector<std::string>& arguments) {
  const std::filesystem::path last = folder.path("last");
  std::filesystem::create_directories(last);
  std::ofstream(last / models::kConfigName)
      << models::Json{{"training", Settled(arguments).options.values()}};
}

TEST_CASE("train flags: a preset decides what the user does not") {
  const Settled tutorial({"--train-tsv", "x", "--preset", "tutorial", "--readout", "full"});
  REQUIRE_FALSE(tutorial.flags.bidirectional);
  REQUIRE(tutorial.flags.energy == "relu");
  REQUIRE(tutorial.flags.readout == "full");
  REQUIRE(model_config(tutorial.flags).bridge == models::Bridge::last);
}

TEST_CASE("train flags: a task has defaults of its own, below the user's flags") {
  const Settled general({"--train-tsv", "x"});
  const Settled task({"--task", "en-fr", "--hidden", "99"});
  REQUIRE(general.flags.emb == 256);
  REQUIRE(task.flags.emb < 256);
  REQUIRE(task.flags.hidden == 99);
}

TEST_CASE("train flags: lines of characters may be longer than lines of words") {
  const Settled words({"--train-tsv", "x"});
  const Settled subwords({"--train-tsv", "x", "--tokenizer", "spm"});
  REQUIRE(language_config(subwords.flags).joint);
  REQUIRE(language_config(subwords.flags).vocab_size == 8000);
  const Settled characters({"--train-tsv", "x", "--tokenizer", "char"});
  REQUIRE(words.flags.max_length == 100);
  REQUIRE(characters.flags.max_length == 500);
  REQUIRE(language_config(characters.flags).tokenizer.kind == data::TokenizerKind::character);
}

TEST_CASE("train flags: what the trainer gets") {
  const Settled settled({"--train-tsv", "x", "--batch-tokens", "500", "--optimizer", "sgd",
                         "--schedule", "inverse_sqrt", "--warmup", "40", "--seed", "9"});
  const models::TrainingConfig config = training_config(settled.flags);
  REQUIRE(config.batch.unit == data::BatchUnit::target_tokens);
  REQUIRE(config.batch.count == 500);
  REQUIRE(config.optimizer == models::OptimizerKind::sgd);
  REQUIRE(config.schedule == optim::Decay::inverse_sqrt);
  REQUIRE(config.warmup == 40);
  REQUIRE(config.seed == 9);
}

TEST_CASE("train flags: the numbers of optimizers and schedules") {
  const Settled step({"--train-tsv", "x", "--optimizer", "adamw", "--weight-decay", "0.3",
                      "--schedule", "step", "--decay-every", "70", "--decay-factor", "0.1"});
  const models::TrainingConfig config = training_config(step.flags);
  REQUIRE(config.optimizer == models::OptimizerKind::adamw);
  REQUIRE(config.weight_decay == 0.3);
  REQUIRE(config.schedule == optim::Decay::step);
  REQUIRE(config.decay_every == 70);
  REQUIRE(config.decay_factor == 0.1);
  const Settled plateau({"--task", "en-fr", "--schedule", "plateau", "--decay-patience", "4"});
  REQUIRE(training_config(plateau.flags).schedule == optim::Decay::plateau);
  REQUIRE(training_config(plateau.flags).decay_patience == 4);
}

TEST_CASE("train flags: an optimizer has a learning rate of its own, unless the user gives one") {
  const auto lr = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--task", "en-fr"});
    return Settled(arguments).flags.lr;
  };
  REQUIRE(lr({"--optimizer", "adadelta"}) == 1);
  REQUIRE(lr({"--optimizer", "adagrad"}) == 0.01);
  REQUIRE(lr({"--optimizer", "adadelta", "--lr", "0.5"}) == 0.5);
  REQUIRE(lr({"--optimizer", "adamw"}) == lr({}));
}

TEST_CASE("train flags: what does not go together") {
  REQUIRE(misuse_of({"--train-tsv", "x", "--batch", "2", "--batch-tokens", "9"})
              .starts_with("train: got --batch and --batch-tokens"));
  REQUIRE(misuse_of({"--train-tsv", "x", "--vocab-size", "4"}).starts_with("train: --vocab-size"));
  REQUIRE(misuse_of({"--train-tsv", "x", "--weight-decay", "0.1"}) ==
          "train: got --weight-decay with --optimizer adam; expected --optimizer adamw");
  REQUIRE(misuse_of({"--train-tsv", "x", "--schedule", "cosine", "--decay-factor", "0.1"}) ==
          "train: got --decay-factor with --schedule cosine; expected --schedule step or plateau");
  REQUIRE(misuse_of({"--train-tsv", "x", "--schedule", "plateau"})
              .starts_with("train: --schedule plateau goes by the validation loss"));
  REQUIRE(misuse_of({}).starts_with("train: nothing to learn from"));
}

TEST_CASE("train flags: --resume takes the run's flags") {
  const data::TemporaryFolder folder;
  const std::string out = folder.path(".");
  save_run(folder, {"--train-tsv", "x", "--emb", "32", "--lr", "0.25", "--epochs", "3"});

  const Settled resumed({"--resume", "--epochs", "5", "--emb", "32"}, out);
  REQUIRE(resumed.flags.train.tsv == "x");
  REQUIRE(resumed.flags.lr == 0.25);
  REQUIRE(resumed.flags.epochs == 5);
  REQUIRE(misuse_of({"--resume", "--emb", "33"}, out) ==
          "train: --emb differs from the run's in " + out + "; got 33; expected 32");
  REQUIRE(misuse_of({"--resume", "--task", "en-fr"}, out).starts_with("train: --task differs"));
}

TEST_CASE("train flags: --resume without a run settles as if there were none") {
  const data::TemporaryFolder folder;
  const Settled settled({"--resume", "--task", "en-fr"}, folder.path("none"));
  REQUIRE(settled.flags.emb < 256);
}

}  // namespace
}  // namespace weft::tools
