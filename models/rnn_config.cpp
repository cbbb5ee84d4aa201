#include "models/rnn_config.hpp"

#include <array>

namespace weft::models {
namespace {

constexpr std::array<std::string_view, 5> kPresets = {"bahdanau2015", "cho2014", "luong2015",
                                                      "sutskever2014", "tutorial"};

/// Rejects incompatible fields of the encoder.
void validate_encoder(const RnnConfig& config) {
  if (config.bridge == Bridge::last && config.bidirectional) {
    fail(
        "model: preset {} uses the last encoder state directly; got a bidirectional encoder; "
        "expected a unidirectional one; hint: bridge dense joins both directions",
        config.preset);
  }
  if (config.reverse_source && config.bidirectional) {
    fail(
        "model: reverse_source needs a unidirectional encoder; got bidirectional and "
        "reverse_source; expected one of them");
  }
}

/// Rejects incompatible fields of the decoder.
void validate_decoder(const RnnConfig& config) {
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
    fail("model: a fixed context replaces attention; got attention {}; expected none",
         name(config.attention));
  }
  if (!attends && !config.fixed_context && config.bridge == Bridge::zero) {
    fail(
        "model: the decoder cannot see the source; got attention none, no fixed context and bridge "
        "zero; expected one of them");
  }
  if (config.input_feeding && (!attends || config.query == Query::previous)) {
    fail(
        "model: input feeding needs attention with query current; got attention {} and query {}; "
        "hint: see preset luong2015",
        name(config.attention), name(config.query));
  }
}

void validate_tied(const RnnConfig& config) {
  if (config.source_features > 0 && config.joint_vocab) {
    fail(
        "model: frames have no vocabulary to share; got source_features {} and joint_vocab; "
        "expected one of them",
        config.source_features);
  }
  if (!config.tie_embeddings) {
    return;
  }
  if (config.readout == Readout::full ||
      (config.readout == Readout::state && config.emb != config.hidden)) {
    fail(
        "model: tied embeddings need an output layer of embedding size; got readout {}, emb {} and "
        "hidden {}; expected readout deep or maxout, or state with emb = hidden",
        name(config.readout), config.emb, config.hidden);
  }
  if (config.joint_vocab && config.source_vocab != config.target_vocab) {
    fail("model: a joint vocabulary has one size; got {} and {}", config.source_vocab,
         config.target_vocab);
  }
}

}  // namespace

std::span<const std::string_view> rnn_preset_names() { return kPresets; }

RnnConfig rnn_preset(std::string_view name) {
  choose("preset", name, kPresets);
  RnnConfig config;
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

void RnnConfig::check() const {
  choose("preset", preset, kPresets);
  validate_encoder(*this);
  validate_decoder(*this);
  validate_tied(*this);
}

}  // namespace weft::models
