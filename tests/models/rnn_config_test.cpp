#include "models/rnn_config.hpp"

#include <algorithm>

#include "models/files/settings_json.hpp"
#include "models/registry.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

// The error message of reading a configuration from JSON in which `field` has another value.
std::string reading_with(const std::string& field, const Json& value) {
  Json json = to_json(tiny_config("bahdanau2015").settings());
  json[field] = value;
  return message_of([&] { model_config_from(JsonObject(json, "config.json")); });
}

TEST_CASE("the presets are the papers' equations") {
  const std::vector<std::string_view> all = {"bahdanau2015", "cho2014", "luong2015",
                                             "sutskever2014", "tutorial"};
  CHECK(std::ranges::equal(rnn_preset_names(), all));

  const RnnConfig paper = rnn_preset("bahdanau2015");
  CHECK(paper == RnnConfig{});
  CHECK(paper.bidirectional);
  CHECK(paper.energy == Energy::tanh);
  CHECK(paper.readout == Readout::deep);
  CHECK(paper.bridge == Bridge::dense);

  const RnnConfig tutorial = rnn_preset("tutorial");
  CHECK(tutorial.preset == "tutorial");
  CHECK_FALSE(tutorial.bidirectional);
  CHECK(tutorial.energy == Energy::relu);
  CHECK(tutorial.readout == Readout::state);
  CHECK(tutorial.bridge == Bridge::last);

  const RnnConfig cho = rnn_preset("cho2014");
  CHECK(cho.attention == AttentionKind::none);
  CHECK(cho.fixed_context);
  CHECK(cho.readout == Readout::maxout);

  const RnnConfig sutskever = rnn_preset("sutskever2014");
  CHECK(sutskever.attention == AttentionKind::none);
  CHECK_FALSE(sutskever.fixed_context);

  const RnnConfig luong = rnn_preset("luong2015");
  CHECK(luong.attention == AttentionKind::general);
  CHECK(luong.query == Query::current);
  CHECK(luong.input_feeding);
  for (const RnnConfig& deep_lstm : {sutskever, luong}) {
    CHECK(deep_lstm.cell == Cell::lstm);
    CHECK(deep_lstm.layers == 4);
    CHECK(deep_lstm.reverse_source);
    CHECK(deep_lstm.bridge == Bridge::last);
    CHECK(deep_lstm.readout == Readout::state);
  }
}

TEST_CASE("a preset that no recurrent model has is an error with a suggestion") {
  const std::string message = message_of([] { rnn_preset("bahdanau2014"); });
  CHECK(contains(message, "preset: unknown name; got bahdanau2014"));
  CHECK(contains(message, "bahdanau2015, cho2014, luong2015, sutskever2014, tutorial"));
  CHECK(contains(message, "did you mean bahdanau2015?"));
}

TEST_CASE("a configuration comes back from JSON") {
  for (auto& [name, config] : tiny_variants()) {
    INFO(name);
    config.dropout = 0.1;
    config.joint_vocab = config.preset == "tutorial" && !config.tie_embeddings;
    const Json json =
        parse_json_strict(to_text(to_json(config.settings()), "config.json"), "config.json");
    CHECK(*model_config_from(JsonObject(json, "config.json")) == config);
  }
}

TEST_CASE("every field out of range is named") {
  const auto message = [](auto change) {
    RnnConfig config = tiny_config("bahdanau2015");
    change(config);
    return message_of([&] { validate(config); });
  };
  CHECK(message([](RnnConfig&) {}) == "no error");
  CHECK(message([](RnnConfig& c) { c.source_vocab = c.target_vocab = data::kSpecials; }) ==
        "no error");
  CHECK(contains(message([](RnnConfig& c) { c.preset = "x"; }), "preset: unknown name; got x"));
  CHECK(contains(message([](RnnConfig& c) { c.source_vocab = 3; }), "source_vocab out of range"));
  CHECK(contains(message([](RnnConfig& c) { c.target_vocab = 3; }), "target_vocab out of range"));
  CHECK(contains(message([](RnnConfig& c) { c.emb = 0; }), "emb out of range; got 0"));
  CHECK(contains(message([](RnnConfig& c) { c.hidden = -1; }), "hidden out of range; got -1"));
  CHECK(contains(message([](RnnConfig& c) { c.hidden = 1 << 20; }), "hidden out of range"));
  CHECK(contains(message([](RnnConfig& c) { c.layers = 0; }), "layers out of range; got 0"));
  CHECK(contains(message([](RnnConfig& c) { c.layers = 65; }), "expected an integer in [1, 64]"));
  CHECK(contains(message([](RnnConfig& c) { c.dropout = 1; }), "dropout out of range; got 1"));
  CHECK(contains(message([](RnnConfig& c) { c.dropout = std::nan(""); }), "dropout out of range"));
  CHECK(contains(message([](RnnConfig& c) { c.bridge = Bridge::last; }),
                 "uses the last encoder state directly; got a bidirectional encoder"));
}

TEST_CASE("every bad field of the JSON is named") {
  const Json good = to_json(tiny_config("bahdanau2015").settings());
  for (const auto& [field, value] : good.items()) {
    INFO(field);
    CHECK(reading_with(field, value) == "no error");
    CHECK(contains(reading_with(field, nullptr), field));
    CHECK(contains(reading_with(field, "no such thing"), field));
    CHECK(contains(reading_with(field, -1), field));
  }
  CHECK(contains(reading_with("hidden", 1.5), "config.json: field 'hidden'"));
  CHECK(contains(reading_with("dropout", 1),
                 "field 'dropout': wrong type or range; got 1; expected a number in [0, 0.99]"));
  CHECK(contains(reading_with("bridge", "last"), "bidirectional encoder"));
  CHECK(contains(reading_with("heads", 8), "heads"));
}

template <class E>
void check_names(std::size_t count) {
  CHECK(names<E>().size() == count);
  for (const E value : values<E>()) {
    CHECK(named<E>(name(value)) == value);
  }
}

TEST_CASE("enumerations have names, and names their values") {
  check_names<Cell>(4);
  check_names<AttentionKind>(5);
  check_names<Energy>(2);
  check_names<Query>(2);
  check_names<Readout>(4);
  check_names<Bridge>(4);
  CHECK(name(Cell::lstm) == "lstm");
  CHECK(name(AttentionKind::scaled_dot) == "scaled_dot");
  CHECK(name(Bridge::last) == "last");
  CHECK(contains(message_of([] { named<Energy>("Tanh"); }), "expected one of tanh, relu"));
  CHECK(contains(message_of([] { named<Readout>("maxim"); }),
                 "readout: unknown name; got maxim; expected one of state, full, deep, maxout"));
}

TEST_CASE("parts that do not go together are refused") {
  const auto message = [](const char* preset_name, auto change) {
    RnnConfig config = tiny_config(preset_name);
    change(config);
    return message_of([&] { validate(config); });
  };
  CHECK(contains(message("bahdanau2015", [](RnnConfig& c) { c.attention = AttentionKind::dot; }),
                 "dot attention multiplies states of one size; got an encoder of both directions"));
  CHECK(contains(message("bahdanau2015", [](RnnConfig& c) { c.reverse_source = true; }),
                 "reverse_source needs a unidirectional encoder"));
  CHECK(contains(message("bahdanau2015", [](RnnConfig& c) { c.input_feeding = true; }),
                 "got attention additive and query previous"));
  CHECK(contains(message("bahdanau2015", [](RnnConfig& c) { c.fixed_context = true; }),
                 "a fixed context replaces attention; got attention additive"));
  CHECK(contains(message("sutskever2014", [](RnnConfig& c) { c.bridge = Bridge::zero; }),
                 "the decoder cannot see the source"));
  CHECK(
      contains(message("tutorial", [](RnnConfig& c) { c.tie_embeddings = true; }),
               "tied embeddings need an output layer of embedding size; got readout state, emb 5"));
  CHECK(contains(
      message("bahdanau2015", [](RnnConfig& c) { c.tie_embeddings = c.joint_vocab = true; }),
      "a joint vocabulary has one size; got 9 and 11"));
}

}  // namespace
}  // namespace weft::models
