#include "models/config.hpp"

#include <array>

#include "data/text/suggest.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kMaxSize = 65536;
constexpr std::int64_t kMaxVocab = 10'000'000;
constexpr std::int64_t kMaxLayers = 64;

/// What messages call an enumeration, and its values in their order.
template <class E>
struct Names;
template <>
struct Names<Cell> {
  static constexpr std::string_view what = "cell";
  static constexpr std::array<std::string_view, 4> all = {"rnn", "rnn_relu", "gru", "lstm"};
};
template <>
struct Names<AttentionKind> {
  static constexpr std::string_view what = "attention";
  static constexpr std::array<std::string_view, 5> all = {"none", "dot", "scaled_dot", "general",
                                                          "additive"};
};
template <>
struct Names<Energy> {
  static constexpr std::string_view what = "energy";
  static constexpr std::array<std::string_view, 2> all = {"tanh", "relu"};
};
template <>
struct Names<Query> {
  static constexpr std::string_view what = "query";
  static constexpr std::array<std::string_view, 2> all = {"previous", "current"};
};
template <>
struct Names<Readout> {
  static constexpr std::string_view what = "readout";
  static constexpr std::array<std::string_view, 4> all = {"state", "full", "deep", "maxout"};
};
template <>
struct Names<Bridge> {
  static constexpr std::string_view what = "bridge";
  static constexpr std::array<std::string_view, 4> all = {"last", "mean", "dense", "zero"};
};

constexpr std::array<std::string_view, 5> kPresets = {"bahdanau2015", "cho2014", "luong2015",
                                                      "sutskever2014", "tutorial"};

void check_range(std::string_view field, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) {
    fail("model: {} out of range; got {}; expected [{}, {}]", field, value, low, high);
  }
}

/// Fields of the encoder that do not go together.
void validate_encoder(const ModelConfig& config) {
  if (config.bridge == Bridge::last && config.bidirectional) {
    fail(
        "model: preset {} takes the encoder's last state as it is; got a bidirectional encoder; "
        "expected one direction; hint: the bridge dense joins two",
        config.preset);
  }
  if (config.reverse_source && config.bidirectional) {
    fail(
        "model: an encoder that reads both ways has no source to reverse; got bidirectional and "
        "reverse_source; expected one of them");
  }
}

/// Fields of the decoder that do not go together.
void validate_decoder(const ModelConfig& config) {
  const bool attends = config.attention != AttentionKind::none;
  const bool dot =
      config.attention == AttentionKind::dot || config.attention == AttentionKind::scaled_dot;
  if (dot && config.bidirectional) {
    fail(
        "model: {} attention multiplies states of one size; got an encoder of both directions, "
        "{}, and a decoder of {}; expected one direction; hint: general has a matrix in between",
        name(config.attention), 2 * config.hidden, config.hidden);
  }
  if (config.fixed_context && attends) {
    fail("model: a fixed context stands for attention; got attention {}; expected none",
         name(config.attention));
  }
  if (!attends && !config.fixed_context && config.bridge == Bridge::zero) {
    fail(
        "model: nothing of the source reaches the decoder; got attention none, no fixed context "
        "and the bridge zero; expected one of them");
  }
  if (config.input_feeding && (!attends || config.query == Query::previous)) {
    fail(
        "model: input feeding feeds the attentional state; got attention {} and the query {}; "
        "expected attention with the query current; hint: as luong2015 has it",
        name(config.attention), name(config.query));
  }
}

void validate_tied(const ModelConfig& config) {
  if (!config.tie_embeddings) {
    return;
  }
  if (config.readout == Readout::full ||
      (config.readout == Readout::state && config.emb != config.hidden)) {
    fail(
        "model: tied embeddings need an output of their size; got readout {}, emb {} and hidden "
        "{}; expected the readout deep or maxout, or state with emb = hidden",
        name(config.readout), config.emb, config.hidden);
  }
  if (config.joint_vocab && config.source_vocab != config.target_vocab) {
    fail("model: a joint vocabulary has one size; got {} and {}", config.source_vocab,
         config.target_vocab);
  }
}

}  // namespace

template <class E>
std::span<const std::string_view> names() {
  return Names<E>::all;
}
template std::span<const std::string_view> names<Cell>();
template std::span<const std::string_view> names<AttentionKind>();
template std::span<const std::string_view> names<Energy>();
template std::span<const std::string_view> names<Query>();
template std::span<const std::string_view> names<Readout>();
template std::span<const std::string_view> names<Bridge>();

template <class E>
E named(std::string_view name) {
  return static_cast<E>(data::choose(Names<E>::what, name, Names<E>::all));
}
template Cell named<Cell>(std::string_view name);
template AttentionKind named<AttentionKind>(std::string_view name);
template Energy named<Energy>(std::string_view name);
template Query named<Query>(std::string_view name);
template Readout named<Readout>(std::string_view name);
template Bridge named<Bridge>(std::string_view name);

std::span<const std::string_view> preset_names() { return kPresets; }

ModelConfig preset(const std::string& name) {
  data::choose("preset", name, kPresets);
  ModelConfig config;
  config.preset = name;
  if (name == "bahdanau2015") {
    return config;
  }
  config.bidirectional = false;
  if (name == "cho2014") {
    config.attention = AttentionKind::none;
    config.fixed_context = true;
    config.readout = Readout::maxout;
    return config;
  }
  config.bridge = Bridge::last;
  config.readout = Readout::state;
  if (name == "tutorial") {
    config.energy = Energy::relu;
    return config;
  }
  config.cell = Cell::lstm;
  config.layers = 4;
  config.reverse_source = true;
  if (name == "sutskever2014") {
    config.attention = AttentionKind::none;
  } else {
    config.attention = AttentionKind::general;
    config.query = Query::current;
    config.input_feeding = true;
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
  validate_encoder(config);
  validate_decoder(config);
  validate_tied(config);
}

Json to_json(const ModelConfig& config) {
  return {{"preset", config.preset},
          {"source_vocab", config.source_vocab},
          {"target_vocab", config.target_vocab},
          {"joint_vocab", config.joint_vocab},
          {"emb", config.emb},
          {"hidden", config.hidden},
          {"layers", config.layers},
          {"cell", name(config.cell)},
          {"bidirectional", config.bidirectional},
          {"reverse_source", config.reverse_source},
          {"residual", config.residual},
          {"dropout", config.dropout},
          {"bridge", name(config.bridge)},
          {"attention", name(config.attention)},
          {"energy", name(config.energy)},
          {"query", name(config.query)},
          {"input_feeding", config.input_feeding},
          {"fixed_context", config.fixed_context},
          {"readout", name(config.readout)},
          {"tie_embeddings", config.tie_embeddings}};
}

ModelConfig model_config_from(const JsonObject& json) {
  ModelConfig config = preset(json.string("preset"));
  config.source_vocab = json.integer("source_vocab", data::kSpecials, kMaxVocab);
  config.target_vocab = json.integer("target_vocab", data::kSpecials, kMaxVocab);
  config.joint_vocab = json.boolean("joint_vocab");
  config.emb = json.integer("emb", 1, kMaxSize);
  config.hidden = json.integer("hidden", 1, kMaxSize);
  config.layers = json.integer("layers", 1, kMaxLayers);
  config.cell = named<Cell>(json.string("cell"));
  config.bidirectional = json.boolean("bidirectional");
  config.reverse_source = json.boolean("reverse_source");
  config.residual = json.boolean("residual");
  config.dropout = json.number("dropout", 0, 1);
  config.bridge = named<Bridge>(json.string("bridge"));
  config.attention = named<AttentionKind>(json.string("attention"));
  config.energy = named<Energy>(json.string("energy"));
  config.query = named<Query>(json.string("query"));
  config.input_feeding = json.boolean("input_feeding");
  config.fixed_context = json.boolean("fixed_context");
  config.readout = named<Readout>(json.string("readout"));
  config.tie_embeddings = json.boolean("tie_embeddings");
  json.reject_unknown();
  validate(config);
  return config;
}

}  // namespace weft::models
