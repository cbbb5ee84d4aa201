#include "models/files/formats.hpp"
#include "models/translation/translator.hpp"
#include "tests/catch.hpp"
#include "tests/models/training/training.hpp"
#include "tools/commands/commands.hpp"

namespace weft::tools {
namespace {

namespace fs = std::filesystem;

// Writes the pairs from which `weft train` learns subwords.
std::string write_pairs(const data::TemporaryFolder& folder) {
  std::string pairs;
  for (int i = 0; i < 20; ++i) {
    pairs += "the cat sleeps\tdie Katze schläft\nthe dog runs\tder Hund rennt\n";
  }
  return folder.write("pairs.tsv", pairs);
}

void train_subwords(const std::string& pairs, const std::string& run,
                    const std::vector<std::string>& others) {
  Arguments arguments = {"--train-tsv",  pairs, "--out",  run, "--tokenizer", "spm",
                         "--vocab-size", "290", "--emb",  "4", "--hidden",    "4",
                         "--batch",      "10",  "--quiet"};
  arguments.insert(arguments.end(), others.begin(), others.end());
  REQUIRE(train(arguments) == 0);
}

TEST_CASE("a resumed training reads its subwords and never learns them again") {
  const data::TemporaryFolder folder;
  const std::string pairs = write_pairs(folder);
  train_subwords(pairs, folder.path("whole"), {"--epochs", "3"});
  train_subwords(pairs, folder.path("parts"), {"--epochs", "1"});
  // As if SentencePiece now learned differently: these flags give no model for such pairs.
  const fs::path last = folder.path("parts/last");
  models::forge_json(last, models::kConfigName,
                     [](models::Json& json) { json["training"]["vocab-size"] = 265; });
  REQUIRE(train({"--out", folder.path("parts"), "--resume", "--epochs", "3", "--quiet"}) == 0);
  for (const std::string name : {"model.safetensors", "optimizer.safetensors", "source.spm"}) {
    INFO(name);
    const bool same = models::bytes_of(folder.path("whole/last/" + name)) ==
                      models::bytes_of(folder.path("parts/last/" + name));
    CHECK(same);
  }
}

}  // namespace
}  // namespace weft::tools
