#include "models/config.hpp"

#include "data/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

// What reading the JSON of a configuration says after `field` was given another value.
std::string reading_with(const std::string& field, const Json& value) {
  Json json = to_json(tiny_config("bahdanau2015"));
  json[field] = value;
  return message_of([&] { model_config_from(JsonObject(json, "config.json")); });
}

TEST_CASE("the presets are the papers' equations") {
  REQUIRE(preset_names().size() == 2);
  CHECK(preset_names()[0] == "bahdanau2015");
  CHECK(preset_names()[1] == "tutorial");

  const ModelConfig paper = preset("bahdanau2015");
  CHECK(paper == ModelConfig{});
  CHECK(paper.bidirectional);
  CHECK(paper.energy == Energy::tanh);
  CHECK(paper.readout == Readout::deep);
  CHECK(paper.bridge == Bridge::dense);

  const ModelConfig tutorial = preset("tutorial");
  CHECK(tutorial.preset == "tutorial");
  CHECK_FALSE(tutorial.bidirectional);
  CHECK(tutorial.energy == Energy::relu);
  CHECK(tutorial.readout == Readout::state);
  CHECK(tutorial.bridge == Bridge::copy);
}

TEST_CASE("an unknown preset is an error with a suggestion") {
  const std::string message = message_of([] { preset("bahdanau2014"); });
  CHECK(contains(message, "preset: unknown name; got bahdanau2014"));
  CHECK(contains(message, "bahdanau2015, tutorial"));
  CHECK(contains(message, "did you mean bahdanau2015?"));
}

TEST_CASE("a configuration comes back from JSON") {
  for (ModelConfig config : tiny_configs()) {
    config.dropout = 0.1;
    config.energy = Energy::relu;
    const Json json = parse_json_strict(to_text(to_json(config), "config.json"), "config.json");
    CHECK(model_config_from(JsonObject(json, "config.json")) == config);
  }
}

TEST_CASE("every field out of range is named") {
  const auto message = [](auto change) {
    ModelConfig config = tiny_config("bahdanau2015");
    change(config);
    return message_of([&] { validate(config); });
  };
  CHECK(message([](ModelConfig&) {}) == "no error");
  CHECK(message([](ModelConfig& c) { c.source_vocab = c.target_vocab = data::kSpecials; }) ==
        "no error");
  CHECK(contains(message([](ModelConfig& c) { c.preset = "x"; }), "preset: unknown name; got x"));
  CHECK(contains(message([](ModelConfig& c) { c.source_vocab = 3; }), "source_vocab out of range"));
  CHECK(contains(message([](ModelConfig& c) { c.target_vocab = 3; }), "target_vocab out of range"));
  CHECK(contains(message([](ModelConfig& c) { c.emb = 0; }), "emb out of range; got 0"));
  CHECK(contains(message([](ModelConfig& c) { c.hidden = -1; }), "hidden out of range; got -1"));
  CHECK(contains(message([](ModelConfig& c) { c.hidden = 1 << 20; }), "hidden out of range"));
  CHECK(contains(message([](ModelConfig& c) { c.layers = 0; }), "layers out of range; got 0"));
  CHECK(contains(message([](ModelConfig& c) { c.layers = 65; }), "expected [1, 64]"));
  CHECK(contains(message([](ModelConfig& c) { c.dropout = 1; }), "dropout out of range; got 1"));
  CHECK(
      contains(message([](ModelConfig& c) { c.dropout = std::nan(""); }), "dropout out of range"));
  CHECK(contains(message([](ModelConfig& c) { c.bridge = Bridge::copy; }),
                 "takes the encoder's last state as it is; got a bidirectional encoder"));
}

TEST_CASE("every bad field of the JSON is named") {
  const Json good = to_json(tiny_config("bahdanau2015"));
  for (const auto& [field, value] : good.items()) {
    INFO(field);
    CHECK(reading_with(field, value) == "no error");
    CHECK(contains(reading_with(field, nullptr), field));
    CHECK(contains(reading_with(field, "no such thing"), field));
    CHECK(contains(reading_with(field, -1), field));
    Json json = good;
    json.erase(field);
    const auto read = [&] { model_config_from(JsonObject(json, "config.json")); };
    CHECK(contains(message_of(read), field));
  }
  CHECK(contains(reading_with("hidden", 1.5), "config.json: field 'hidden'"));
  CHECK(contains(reading_with("dropout", 1), "dropout out of range"));
  CHECK(contains(reading_with("bridge", "copy"), "bidirectional encoder"));
  CHECK(contains(reading_with("heads", 8), "heads"));
}

TEST_CASE("enumerations have names, and names their values") {
  for (const Energy energy : {Energy::tanh, Energy::relu}) {
    CHECK(energy_named(name(energy)) == energy);
  }
  for (const Readout readout : {Readout::state, Readout::full, Readout::deep}) {
    CHECK(readout_named(name(readout)) == readout);
  }
  CHECK(name(Bridge::copy) == "copy");
  CHECK(name(Bridge::dense) == "dense");
  CHECK(contains(message_of([] { energy_named("Tanh"); }), "expected one of tanh, relu"));
  CHECK(contains(message_of([] { readout_named("maxout"); }), "expected one of state, full, deep"));
}

}  // namespace
}  // namespace weft::models
