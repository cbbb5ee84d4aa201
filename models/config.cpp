#include "models/config.hpp"

#include <array>

#include "data/suggest.hpp"
#include "data/vocabulary.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kMaxSize = 65536;
constexpr std::int64_t kMaxVocab = 10'000'000;
constexpr std::int64_t kMaxLayers = 64;

// In the order of the enumerations.
constexpr std::array<std::string_view, 2> kEnergies = {"tanh", "relu"};
constexpr std::array<std::string_view, 3> kReadouts = {"state", "full", "deep"};
constexpr std::array<std::string_view, 2> kBridges = {"copy", "dense"};
constexpr std::array<std::string_view, 2> kPresets = {"bahdanau2015", "tutorial"};

void check_range(std::string_view field, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) {
    fail("model: {} out of range; got {}; expected [{}, {}]", field, value, low, high);
  }
}

}  // namespace

std::span<const std::string_view> preset_names() { return kPresets; }

ModelConfig preset(const std::string& name) {
  data::choose("preset", name, kPresets);
  ModelConfig config;
  config.preset = name;
  if (name == "tutorial") {
    config.bidirectional = false;
    config.energy = Energy::relu;
    config.readout = Readout::state;
    config.bridge = Bridge::copy;
  }
  return config;
}

void validate(const ModelConfig& config) {
  preset(config.preset);
  check_range("source_vocab", config.source_vocab, data::kSpecials, kMaxVocab);
  check_range("target_vocab", config.target_vocab, data::kSpecials, kMaxVocab);
  check_range("emb", config.emb, 1, kMaxSize);
  check_range("hidden", config.hidden, 1, kMaxSize);
  check_range("layers", config.layers, 1, kMaxLayers);
  if (!(config.dropout >= 0 && config.dropout < 1)) {
    fail("model: dropout out of range; got {}; expected [0, 1)", config.dropout);
  }
  if (config.bridge == Bridge::copy && config.bidirectional) {
    fail(
        "model: preset {} takes the encoder's last state as it is; got a bidirectional encoder; "
        "expected one direction",
        config.preset);
  }
}

std::string_view name(Energy energy) { return kEnergies.at(static_cast<std::size_t>(energy)); }
std::string_view name(Readout readout) { return kReadouts.at(static_cast<std::size_t>(readout)); }
std::string_view name(Bridge bridge) { return kBridges.at(static_cast<std::size_t>(bridge)); }

Energy energy_named(std::string_view name) {
  return static_cast<Energy>(data::choose("energy", name, kEnergies));
}
Readout readout_named(std::string_view name) {
  return static_cast<Readout>(data::choose("readout", name, kReadouts));
}

Json to_json(const ModelConfig& config) {
  return {{"preset", config.preset},
          {"source_vocab", config.source_vocab},
          {"target_vocab", config.target_vocab},
          {"emb", config.emb},
          {"hidden", config.hidden},
          {"layers", config.layers},
          {"bidirectional", config.bidirectional},
          {"dropout", config.dropout},
          {"energy", name(config.energy)},
          {"readout", name(config.readout)},
          {"bridge", name(config.bridge)}};
}

ModelConfig model_config_from(const JsonObject& json) {
  ModelConfig config = preset(json.string("preset"));
  config.source_vocab = json.integer("source_vocab", data::kSpecials, kMaxVocab);
  config.target_vocab = json.integer("target_vocab", data::kSpecials, kMaxVocab);
  config.emb = json.integer("emb", 1, kMaxSize);
  config.hidden = json.integer("hidden", 1, kMaxSize);
  config.layers = json.integer("layers", 1, kMaxLayers);
  config.bidirectional = json.boolean("bidirectional");
  config.dropout = json.number("dropout", 0, 1);
  config.energy = energy_named(json.string("energy"));
  config.readout = readout_named(json.string("readout"));
  config.bridge = json.choice("bridge", {kBridges[0], kBridges[1]}) == kBridges[0] ? Bridge::copy
                                                                                   : Bridge::dense;
  json.reject_unknown();
  validate(config);
  return config;
}

}  // namespace weft::models
