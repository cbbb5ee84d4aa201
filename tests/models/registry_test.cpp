#include "models/registry.hpp"

#include <algorithm>

#include "models/checks/leakcheck.hpp"
#include "models/checks/module_checks.hpp"
#include "models/files/settings_json.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/other_family.hpp"

namespace weft::models {
namespace {

std::unique_ptr<ModelConfig> sized(std::string_view preset_name) {
  std::unique_ptr<ModelConfig> config = preset(preset_name);
  config->source_vocab = 9;
  config->target_vocab = 11;
  return config;
}

TEST_CASE("every preset is of one family, and comes back from JSON") {
  const FamilyScope other(plain_family());
  CHECK(preset_names().size() == rnn_preset_names().size() + 2);  // vaswani2017 and plain
  CHECK(preset_names().front() == "bahdanau2015");
  for (const std::string_view name : preset_names()) {
    const std::unique_ptr<ModelConfig> config = sized(name);
    CHECK(config->preset == name);
    CHECK(*config->clone() == *config);
    const Json json = to_json(config->settings());
    CHECK(*model_config_from(JsonObject(json, "config.json")) == *config);
    CHECK_FALSE(variants(name).empty());
  }
}

TEST_CASE("an unknown preset is an error with a suggestion") {
  const std::string message = message_of([] { preset("bahdanau2014"); });
  CHECK(contains(message, "preset: unknown name; got bahdanau2014; expected one of bahdanau2015,"));
  CHECK(contains(message, "did you mean bahdanau2015?"));
  CHECK(contains(message_of([] { preset("plain"); }), "preset: unknown name"));
}

TEST_CASE("configurations of two families are never equal") {
  const FamilyScope other(plain_family());
  CHECK_FALSE(*sized("plain") == *sized("tutorial"));
  CHECK(*sized("plain") == *sized("plain"));
}

TEST_CASE("a family's model is made of its own configuration") {
  const FamilyScope other(plain_family());
  const std::unique_ptr<ModelConfig> config = sized("plain");
  resize(*config, [] { return std::int64_t{3}; });
  const std::unique_ptr<Seq2Seq> model = make_model(*config);
  CHECK(model->parameters().front().shape() == Shape{9, 6});
  check_sizes(*config, model->state(), "here");
  CHECK(contains(message_of([&] { check_sizes(*sized("plain"), model->state(), "here"); }),
                 "here: tensor 'target_embedding.weight' does not fit the configuration"));
  dynamic_cast<PlainConfig&>(*config).width = 5;
  CHECK(message_of([&] { make_model(*config); }) == "model: got an odd width, 5");
  config->source_vocab = 3;
  CHECK(contains(message_of([&] { make_model(*config); }), "model: source_vocab out of range"));
}

TEST_CASE("the checks see every family") {
  const FamilyScope other(plain_family());
  const std::vector<VariantLeaks> leaks = leakcheck_variants("plain");
  REQUIRE(leaks.size() == 1);
  CHECK(leaks.front().variant == "without dropout");
  CHECK(leaks.front().report.ok());
  const std::vector<std::string> names = module_check_names();
  CHECK(std::ranges::count_if(names, [](const auto& name) { return name.ends_with("plain"); }) ==
        1);
}

TEST_CASE("a family leaves with its scope, and takes no other's preset") {
  const std::size_t before = families().size();
  { const FamilyScope other(plain_family()); }
  CHECK(families().size() == before);
  Family thief = plain_family();
  thief.presets = {"tutorial"};
  CHECK(message_of([&] { const FamilyScope scope(thief); }) ==
        "family plain: the preset tutorial is another family's");
  CHECK(families().size() == before);
}

TEST_CASE("a saved configuration without a preset, or with another family's field, is refused") {
  Json json = to_json(sized("tutorial")->settings());
  const auto reading = [&json] {
    return message_of([&] { model_config_from(JsonObject(json, "config.json")); });
  };
  json["width"] = 4;
  CHECK(contains(reading(), "config.json: unknown field 'width'"));
  json.erase("width");
  json.erase("source_vocab");
  CHECK(contains(reading(), "config.json: field 'source_vocab': missing"));
  json.erase("preset");
  CHECK(contains(reading(), "config.json: field 'preset': missing"));
}

}  // namespace
}  // namespace weft::models
