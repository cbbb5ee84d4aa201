#include "models/translation/translator.hpp"

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "autograd/products.hpp"
#include "data/text/line.hpp"
#include "models/files/formats.hpp"
#include "models/interruption.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"
#include "tests/data/not_root.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/training/training.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;
using data::TemporaryFolder;
using Lines = std::vector<std::string>;

const Lines kLines = {"w1 w2 w3", "",      "w4",    "w1 never-seen w2", "w7 w7 w7 w7 w7 w7",
                      "  ",       "w9 w0", "never", "w5 w4 w3 w2",      ""};

// A translator with strong random preferences, so that its translations differ.
Translator lively_translator() {
  Translator translator = tiny_translator();
  for (auto& [name, tensor] : translator.model->named_parameters()) {
    tensor.copy_(tensor.detach() * 3);
  }
  translator.model->eval();
  return translator;
}

// The error message of loading a saved model after `damage`.
template <class F>
std::string loading_after(F&& damage) {
  const TemporaryFolder folder;
  const fs::path model = folder.path("model");
  save_model(model, tiny_translator());
  damage(model);
  return message_of([&] { Translator::load(model); });
}

bool is_one_line(const std::string& text) {
  return text != "no error" && text.find('\n') == std::string::npos;
}

TEST_CASE("there is one translation a line, in order, whatever the batch and the threads") {
  const Translator translator = lively_translator();
  Lines alone;
  for (const std::string& line : kLines) {
    const Lines translated = translator.translate({line}, 1);
    REQUIRE(translated.size() == 1);
    alone.push_back(translated[0]);
  }
  CHECK(std::set<std::string>(alone.begin(), alone.end()).size() > 4);
  for (const int threads : {1, 2, 4}) {
    const testing::WithThreads with(threads);
    for (const std::int64_t batch_size : {1, 2, 64}) {
      CHECK(translator.translate(kLines, batch_size) == alone);
    }
  }
}

TEST_CASE("threads that translate for another compute as it does, and stop as it does") {
  const Translator translator = lively_translator();
  const testing::WithThreads with(4);
  const ProductsGuard products(Products::own);
  const Lines many(200, "w1 w2 w3");
  const auto caller = std::this_thread::get_id();
  std::atomic<int> asked_elsewhere = 0;
  {
    const InterruptionScope scope([&] {
      asked_elsewhere += std::this_thread::get_id() == caller ? 0 : 1;
      std::this_thread::sleep_for(std::chrono::microseconds(50));  // others get their turn
      return false;
    });
    translator.translate(many, 1);
  }
  CHECK(asked_elsewhere > 0);
  const InterruptionScope scope([] { return true; });
  CHECK_THROWS_AS(translator.translate(many, 1), Interrupted);
}

TEST_CASE("a long line is translated up to a limit, and tells how much was not read") {
  Translator translator = lively_translator();
  translator.max_source_length = 2;
  const auto found = translator.translate_lines({{"w1 w2 w3 w4", "", 1}, {"w1 w2", "", 2}}, 8, {});
  CHECK(found[0][0].text == found[1][0].text);
  CHECK(found[0][0].source == Lines{"w1", "w2"});
  CHECK(found[0][0].unread == 2);
  CHECK(found[1][0].unread == 0);
  translator.max_source_length = 0;
  CHECK(translator.translate_lines({{"w1 w2 w3 w4", "", 1}}, 8, {})[0][0].source.size() == 4);
}

TEST_CASE("a line without tokens stays empty") {
  const Translator translator = lively_translator();
  const Lines translated = translator.translate(kLines, 4);
  for (std::size_t i = 0; i < kLines.size(); ++i) {
    const bool is_empty = kLines[i].find_first_not_of(' ') == std::string::npos;
    CHECK((!is_empty || translated[i].empty()));
  }
  CHECK(translator.translate({"", " "}, 64) == Lines{"", ""});
  CHECK(translator.translate({}, 64).empty());
}

TEST_CASE("all unknown words are read as one") {
  const Translator translator = lively_translator();
  const Lines translated = translator.translate({"w1 foo w2", "w1 bar w2", "w1 w3 w2"}, 64);
  CHECK(translated[0] == translated[1]);
  CHECK(translator.source.encode("foo") == std::vector<std::int64_t>{data::kUnk});
}

TEST_CASE("decoding options reach the search") {
  const Translator translator = lively_translator();
  for (const std::string& line : translator.translate(kLines, 64, {.max_length = 1})) {
    CHECK(translator.source.tokenizer.tokenize(line).size() <= 1);
  }
}

// Half of the words break lines. What is forced is kept as far as a line can hold it.
TEST_CASE("no search finds what breaks a line") {
  manual_seed(1);
  data::TokenCounts counts = {{"\x1B[31m", 9},
                              {"a\u2028b", 9},
                              {"c\u0085d", 9},
                              {"\x01", 9},
                              {"e\x1C"
                               "f",
                               9}};
  for (int i = 0; i < 7; ++i) {
    counts["w" + std::to_string(i)] = 1;
  }
  const Translator translator =
      Translator::make(tiny_config("bahdanau2015"), twelve_words(),
                       {data::Tokenizer(), data::Vocabulary::build(counts, 1)}, {});
  translator.model->eval();
  std::vector<SourceLine> lines;
  for (std::uint64_t i = 0; i < 40; ++i) {
    lines.push_back({"w" + std::to_string(i % 12) + " w3", "", i});
  }
  const std::vector<DecodeOptions> searches = {
      {}, {.beam = 8, .nbest = 8}, {.temperature = 3}, {.repetition_penalty = 2, .min_length = 4}};
  for (const DecodeOptions& search : searches) {
    for (const auto& list : translator.translate_lines(lines, 8, search)) {
      for (const Translation& translation : list) {
        CHECK_FALSE(data::has_control(translation.text));
      }
    }
    const auto forced = translator.translate_lines({{"w1", "a\u2028b \x1B[31m", 0}}, 1, search);
    CHECK(forced[0][0].text.starts_with("a b \x1B[31m"));
  }
}

TEST_CASE("ill-formed UTF-8 is an error") {
  const Translator translator = lively_translator();
  CHECK(is_one_line(message_of([&] { translator.translate({"w1", "w\xFF"}, 64); })));
}

TEST_CASE("a saved translator comes back") {
  const TemporaryFolder folder;
  manual_seed(1);
  const data::Tokenizer tokenizer({.lowercase = true, .normalize = {}});
  const Translator saved =
      Translator::make(tiny_config("tutorial", 2), {tokenizer, twelve_words().vocabulary},
                       {tokenizer, data::Vocabulary()}, {{"lr", 0.1}});
  save_model(folder.path("model"), saved);
  const Translator loaded = Translator::load(folder.path("model"));
  CHECK(same_parameters(*saved.model, *loaded.model));
  CHECK(loaded.model->config() == saved.model->config());
  CHECK(loaded.source.tokenizer.config() == saved.source.tokenizer.config());
  CHECK(loaded.source.encode("w11") == saved.source.encode("w11"));
  CHECK(loaded.source.vocabulary.size() == 16);
  CHECK(loaded.target.vocabulary.size() == data::kSpecials);
  CHECK(loaded.training == saved.training);
  CHECK_FALSE(loaded.model->training());
}

TEST_CASE("a run directory stands for its best model, or its last") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  const auto message = [&] { return message_of([&] { Translator::load(run); }); };
  CHECK(contains(message(), "run: not a model; expected a run directory"));
  fs::create_directory(run);
  CHECK(contains(message(), "run: not a model; expected a run directory"));
  save_model(run / "last", tiny_translator());
  CHECK(model_directory(run) == run / "last");
  save_model(run / "best", tiny_translator());
  CHECK(model_directory(run) == run / "best");
  CHECK(model_directory(run / "last") == run / "last");
}

TEST_CASE("a model that may not be read is not taken for a damaged one") {
  const TemporaryFolder folder;
  const fs::path run = folder.path("run");
  fs::create_directory(run);
  save_model(run / "best", tiny_translator());
  fs::permissions(folder.path(""), fs::perms(0755));
  fs::permissions(run / "best", fs::perms::none);
  {
    const data::NotRoot somebody;
    CHECK(contains(message_of([&] { model_directory(run); }),
                   "best/config.json: cannot read the file; got: Permission denied"));
  }
  fs::permissions(run / "best", fs::perms::owner_all);
}

TEST_CASE("a model can be read while a training publishes others") {
  const TemporaryFolder folder;
  const fs::path model = folder.path("model");
  const Translator translator = tiny_translator();
  save_model(model, translator);
  std::atomic<bool> done = false;
  std::thread training([&] {
    while (!done) {
      save_model(model, translator);
    }
  });
  std::string message;
  for (int i = 0; i < 200; ++i) {
    message += message_of([&] { Translator::load(model); }) + "\n";
  }
  done = true;
  training.join();
  std::string fine;
  for (int i = 0; i < 200; ++i) {
    fine += "no error\n";
  }
  CHECK(message == fine);
}

TEST_CASE("a damaged file is an error that names it") {
  for (const std::string name :
       {kConfigName, kModelName, "source.vocab", "target.vocab", kManifestName}) {
    INFO(name);
    const std::string missing =
        loading_after([&](const fs::path& model) { fs::remove(model / name); });
    CHECK(is_one_line(missing));
    CHECK((contains(missing, name) || contains(missing, "no model")));

    const std::string empty =
        loading_after([&](const fs::path& model) { fs::resize_file(model / name, 0); });
    CHECK(is_one_line(empty));
    CHECK(contains(empty, name));

    const std::string truncated = loading_after([&](const fs::path& model) {
      fs::resize_file(model / name, fs::file_size(model / name) / 2);
    });
    CHECK(is_one_line(truncated));
    CHECK(contains(truncated, name));

    const std::string flipped = loading_after([&](const fs::path& model) {
      std::string bytes = bytes_of(model / name);
      bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
      std::ofstream(model / name, std::ios::binary) << bytes;
    });
    CHECK(is_one_line(flipped));
    // The changed letter may belong to a file name in the manifest; that file is then missing.
    CHECK((contains(flipped, name) || name == kManifestName));
  }
}

TEST_CASE("vocabularies that cannot be written are called by their final path") {
  if (!fs::exists("/dev/full")) {  // a Linux device that is always full
    return;
  }
  const TemporaryFolder folder;
  DirectoryWriter writer(folder.path("best"));
  fs::create_symlink("/dev/full", writer.path() / "source.vocab");
  CHECK(message_of([&] { write_translator(writer, tiny_translator()); }) ==
        folder.path("best/source.vocab") +
            ": cannot write the vocabulary; got: No space left on device");
}

TEST_CASE("files that do not go together are an error, though the manifest is right") {
  CHECK(loading_after([](const fs::path&) {}) == "no error");
  const auto with_config = [](auto change) {
    return loading_after([&](const fs::path& model) { forge_json(model, kConfigName, change); });
  };
  CHECK(
      contains(with_config([](Json& json) { json["format"] = 2; }), "config.json: field 'format'"));
  CHECK(contains(with_config([](Json& json) { json.erase("format"); }),
                 "config.json: field 'format'"));
  for (const char* const size : {"hidden", "emb"}) {  // a model of the claimed size is never made
    CHECK(contains(with_config([&](Json& json) { json["model"][size] = 65536; }),
                   "does not fit the configuration"));
  }
  CHECK(contains(with_config([](Json& json) { json["model"]["layers"] = 64; }),
                 "model.safetensors: tensor 'encoder.weight_hh_l1' is missing"));
  CHECK(contains(with_config([](Json& json) { json["model"]["readout"] = "full"; }),
                 "model.safetensors: tensor 'output.weight' does not fit"));
  CHECK(contains(with_config([](Json& json) { json["model"]["hidden"] = 0; }),
                 "config.json: field 'model.hidden'"));
  CHECK(contains(with_config([](Json& json) { json["model"]["heads"] = 8; }), "model.heads"));
  CHECK(contains(
      with_config([](Json& json) { json["model"]["preset"] = "x"; }),
      "config.json: field 'model.preset': wrong type or range; got \"x\"; expected one of"));
  CHECK(contains(with_config([](Json& json) { json["model"]["input_feeding"] = true; }),
                 "config.json: model"));
  CHECK(contains(with_config([](Json& json) { json["tokenizer"]["kind"] = "bpe"; }), "bpe"));
  CHECK(contains(with_config([](Json& json) { json["training"] = 1; }), "training"));
  CHECK(contains(with_config([](Json& json) { json["notes"] = "x"; }), "notes"));
  CHECK(contains(with_config([](Json& json) { json["model"]["source_vocab"] = 17; }),
                 "vocabularies do not fit the model; got 16 and 16 tokens; expected 17 and 16"));
  CHECK(contains(loading_after([](const fs::path& model) {
                   forge(model, "target.vocab", bytes_of(model / "target.vocab") + "w12\n");
                 }),
                 "got 16 and 17 tokens; expected 16 and 16"));
  CHECK(contains(loading_after([](const fs::path& model) {
                   forge(model, "source.vocab", "<pad>\n<bos>\n<eos>\n");
                 }),
                 "source.vocab"));
}

}  // namespace
}  // namespace weft::models
