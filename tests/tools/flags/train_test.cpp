#include "tools/flags/train.hpp"

#include <filesystem>

#include "models/files/formats.hpp"
#include "models/translation/model_files.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/other_family.hpp"

namespace weft::tools {
namespace {

/// The flags of `weft train`, parsed and settled.
struct Settled {
  explicit Settled(std::vector<std::string> arguments, const std::string& out = "run") {
    arguments.insert(arguments.end(), {"--out", out});
    declare(options, flags, arguments);
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

/// Makes `folder` look like a run that was started with these flags.
void save_flags(const data::TemporaryFolder& folder, const models::Json& flags) {
  models::DirectoryWriter writer(folder.path("last"));
  const models::Json config = {{"format", 1}, {"training", flags}};
  writer.write_file(models::kConfigName, config.dump());
  models::write_manifest(writer);
  writer.commit();
}

/// The same, from arguments.
void save_run(const data::TemporaryFolder& folder, const std::vector<std::string>& arguments) {
  save_flags(folder, Settled(arguments).options.values());
}

const models::RnnConfig& recurrent(const Settled& settled) {
  return dynamic_cast<const models::RnnConfig&>(*settled.flags.model.config);
}

TEST_CASE("train flags: a preset decides what the user does not") {
  const Settled tutorial({"--train-tsv", "x", "--preset", "tutorial", "--readout", "full"});
  REQUIRE_FALSE(recurrent(tutorial).bidirectional);
  REQUIRE(recurrent(tutorial).energy == Energy::relu);
  REQUIRE(recurrent(tutorial).readout == models::Readout::full);
  REQUIRE(recurrent(tutorial).bridge == models::Bridge::last);
  REQUIRE(model_config(tutorial.flags)->preset == "tutorial");
}

TEST_CASE("train flags: a task has defaults of its own, below the user's flags") {
  const Settled general({"--train-tsv", "x"});
  const Settled task({"--task", "en-fr", "--hidden", "99"});
  REQUIRE(recurrent(general).emb == 256);
  REQUIRE(recurrent(task).emb < 256);
  REQUIRE(recurrent(task).hidden == 99);
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
  REQUIRE(config.batch.target_tokens == 500);
  REQUIRE(config.batch.limit() == 500);
  REQUIRE(config.optimizer == models::OptimizerKind::sgd);
  REQUIRE(config.schedule == optim::Decay::inverse_sqrt);
  REQUIRE(config.warmup == 40);
  REQUIRE(config.seed == 9);
}

TEST_CASE("a Transformer has defaults of its own, for a toy task others") {
  const Settled paper({"--train-tsv", "x", "--preset", "vaswani2017"});
  CHECK(paper.options.values().at("schedule") == "inverse_sqrt");
  CHECK(paper.options.values().at("warmup") == 1000);
  const Settled task({"--task", "en-fr", "--preset", "vaswani2017", "--layers", "3"});
  CHECK(task.options.values().at("layers") == 3);
  CHECK(task.options.values().at("ffn") == 256);
  CHECK(task.options.values().at("schedule") == "cosine");
}

TEST_CASE("train flags: the numbers of optimizers and schedules") {
  const Settled step({"--train-tsv", "x", "--optimizer", "adamw", "--weight-decay", "0.3",
                      "--adam-beta2", "0.98", "--schedule", "step", "--decay-every", "70",
                      "--decay-factor", "0.1"});
  const models::TrainingConfig config = training_config(step.flags);
  REQUIRE(config.optimizer == models::OptimizerKind::adamw);
  REQUIRE(config.weight_decay == 0.3);
  REQUIRE(config.adam_beta2 == 0.98);
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
    return Settled(arguments).flags.training.lr;
  };
  REQUIRE(lr({"--optimizer", "adadelta"}) == 1);
  REQUIRE(lr({"--optimizer", "adagrad"}) == 0.01);
  REQUIRE(lr({"--optimizer", "adadelta", "--lr", "0.5"}) == 0.5);
  REQUIRE(lr({"--optimizer", "adamw"}) == lr({}));
}

TEST_CASE("train flags: what does not go together") {
  REQUIRE(misuse_of({"--train-tsv", "x", "--batch", "2", "--batch-tokens", "9"})
              .starts_with("train: got both --batch and --batch-tokens"));
  REQUIRE(misuse_of({"--train-tsv", "x", "--vocab-size", "4"}).starts_with("train: --vocab-size"));
  REQUIRE(misuse_of({"--train-tsv", "x", "--optimizer", "sgd", "--adam-beta2", "0.98"}) ==
          "train: got --adam-beta2 with --optimizer sgd; expected --optimizer adam or adamw");
  REQUIRE(misuse_of({"--train-tsv", "x", "--weight-decay", "0.1"}) ==
          "train: got --weight-decay with --optimizer adam; expected --optimizer adamw");
  REQUIRE(misuse_of({"--train-tsv", "x", "--schedule", "cosine", "--decay-factor", "0.1"}) ==
          "train: got --decay-factor with --schedule cosine; expected --schedule step or plateau");
  REQUIRE(misuse_of({"--train-tsv", "x", "--schedule", "plateau"})
              .starts_with("train: --schedule plateau needs validation pairs"));
  REQUIRE(misuse_of({}).starts_with("train: no training data"));
}

TEST_CASE("train flags: --resume takes the run's flags") {
  const data::TemporaryFolder folder;
  const std::string out = folder.path(".");
  save_run(folder, {"--train-tsv", "x", "--emb", "32", "--lr", "0.25", "--epochs", "3"});

  const Settled resumed({"--resume", "--epochs", "5", "--emb", "32"}, out);
  REQUIRE(resumed.flags.train.tsv == "x");
  REQUIRE(resumed.flags.training.lr == 0.25);
  REQUIRE(resumed.flags.training.epochs == 5);
  REQUIRE(misuse_of({"--resume", "--emb", "33"}, out) ==
          "train: --emb differs from the run's in " + out + "; got 33; expected 32");
  REQUIRE(misuse_of({"--resume", "--task", "en-fr"}, out).starts_with("train: --task differs"));
}

TEST_CASE("train flags: --resume without a run settles as if there were none") {
  const data::TemporaryFolder folder;
  const Settled settled({"--resume", "--task", "en-fr"}, folder.path("none"));
  REQUIRE(recurrent(settled).emb < 256);
}

TEST_CASE("train flags: a resumed run has the model that it was started with") {
  const data::TemporaryFolder folder;
  const std::string out = folder.path(".");
  save_run(folder, {"--train-tsv", "x", "--preset", "tutorial", "--hidden", "24"});
  const Settled resumed({"--resume"}, out);
  REQUIRE(resumed.flags.model.config->preset == "tutorial");
  REQUIRE(recurrent(resumed).hidden == 24);
  REQUIRE(misuse_of({"--resume", "--preset", "cho2014"}, out)
              .starts_with("train: --preset differs from the run's"));
}

TEST_CASE("train flags: what a run lacks is older than the flag, what it has beside is refused") {
  const data::TemporaryFolder folder;
  const std::string out = folder.path(".");
  models::Json flags = Settled({"--task", "en-fr", "--ema", "0.5"}).options.values();
  flags.erase("ema");
  flags.erase("lr");
  save_flags(folder, flags);
  const Settled resumed({"--resume"}, out);
  REQUIRE(resumed.flags.training.ema == 0);
  REQUIRE(resumed.flags.training.lr == 1e-3);  // not the task's
  REQUIRE(misuse_of({"--resume", "--lr", "0.5"}, out).starts_with("train: --lr differs"));

  flags["learning-rate"] = 1;
  save_flags(folder, flags);
  REQUIRE_THROWS_WITH(Settled({"--resume"}, out), out + ": unknown field 'training.learning-rate'");
}

TEST_CASE("train flags: a preset of another family has that family's flags, and no other's") {
  const models::FamilyScope other(models::plain_family());
  const Settled plain({"--task", "en-fr", "--preset", "plain", "--width", "12"});
  const auto& config = dynamic_cast<const models::PlainConfig&>(*plain.flags.model.config);
  REQUIRE(config.width == 12);
  REQUIRE(config.dropout == 0.1);  // the task's
  REQUIRE(plain.flags.training.lr == 4e-3);
  REQUIRE(misuse_of({"--task", "en-fr", "--preset", "plain", "--cell", "gru"})
              .starts_with(
                  "train: flag --cell does not apply here; got preset plain; expected one of the "
                  "recurrent family, bahdanau2015 or "));
  REQUIRE(misuse_of({"--task", "en-fr", "--width", "12"}) ==
          "train: flag --width does not apply here; got preset bahdanau2015; expected one of the "
          "plain family, "
          "plain");
  REQUIRE(misuse_of({"--task", "en-fr", "--preset", "plain", "--width", "3"}) ==
          "train: model: got an odd width, 3");
}

TEST_CASE("train flags: the preset may stand in a file, and the help has its defaults") {
  const data::TemporaryFolder folder;
  const std::string path = folder.path("train.toml");
  std::ofstream(path) << "preset = \"tutorial\"\nhidden = 24\n";
  const Settled settled({"--train-tsv", "x", "--config", path});
  REQUIRE_FALSE(recurrent(settled).bidirectional);
  REQUIRE(recurrent(settled).hidden == 24);
  try {
    const Settled helped({"--config", path, "--help"});
    FAIL("no help");
  } catch (const HelpRequest& help) {
    const std::string text = help.what();
    REQUIRE(text.find("Model (the defaults are those of tutorial):") != std::string::npos);
    REQUIRE(text.find("--energy tanh|relu=relu") != std::string::npos);
  }
}

}  // namespace
}  // namespace weft::tools
