#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "autograd/ops.hpp"
#include "models/files/json.hpp"

namespace weft::models {

/// The recurrent cell of encoder and decoder.
enum class Cell {
  rnn,       ///< Elman's, with tanh
  rnn_relu,  ///< the same with relu
  gru,
  lstm,
};

/// How a query is scored against the encoder's states (equations in nn/attention.cpp); `none`: the
/// decoder sees no more than what the encoder hands over at the end.
enum class AttentionKind { none, dot, scaled_dot, general, additive };

/// Which state of the decoder asks, and so where the context goes.
enum class Query {
  previous,  ///< s_{t-1}; the context is part of the cell's input (Bahdanau et al. 2015)
  current,   ///< s_t; the context goes with it into the attentional state (Luong et al. 2015)
};

/// What the logits are computed from: the state alone; [state; context; embedding]; or a layer over
/// the latter, of tanh units or of maxout units.
enum class Readout { state, full, deep, maxout };

/// How the decoder's first state is made from what the encoder leaves.
enum class Bridge {
  last,   ///< its last states as they are (an encoder of one direction)
  mean,   ///< a tanh layer over the mean of its outputs
  dense,  ///< a tanh layer over its last states, or over the fixed context
  zero,   ///< 0
};

/// Everything that decides the shape and the equations of a model.
struct ModelConfig {
  std::string preset = "bahdanau2015";  ///< the paper whose equations it follows
  std::int64_t source_vocab = 0;  ///< Vs, special tokens included; 4 to 10,000,000 once it is set
  std::int64_t target_vocab = 0;  ///< Vt, in the same range
  bool joint_vocab = false;       ///< the same ids mean the same tokens on both sides
  std::int64_t emb = 256;         ///< E, size of an embedding
  std::int64_t hidden = 512;      ///< H, size of a state, in each direction
  std::int64_t layers = 1;        ///< of the encoder and of the decoder
  Cell cell = Cell::gru;          ///< of both
  bool bidirectional = true;      ///< whether the encoder reads both ways
  bool reverse_source = false;    ///< whether an encoder of one direction reads from the end
  bool residual = false;          ///< adds a layer's input to its output, from the second layer on
  double dropout = 0;             ///< on embeddings, between layers, on what the readout sees
  Bridge bridge = Bridge::dense;  ///< `last` needs an encoder of one direction
  AttentionKind attention = AttentionKind::additive;  ///< dot products need D = H
  Energy energy = Energy::tanh;                       ///< of the additive attention
  Query query = Query::previous;                      ///< of any attention
  bool input_feeding = false;  ///< the cell reads the last attentional state; for Query::current
  bool fixed_context = false;  ///< without attention: the cell reads one context at every step
  Readout readout = Readout::deep;  ///< what the logits are computed from
  bool tie_embeddings = false;  ///< one table for output and target, with joint_vocab source too

  /// Every field, the preset's name included: it decides the initialization too.
  bool operator==(const ModelConfig&) const = default;
};

/// The presets, each named after a paper, `bahdanau2015` first; `tutorial` is the usual PyTorch
/// tutorial's model, batched and masked.
std::span<const std::string_view> preset_names();

/// The configuration of a preset, sizes as above, vocabularies empty. Throws Error, with "did you
/// mean", for an unknown name.
ModelConfig preset(const std::string& name);

/// Throws Error naming the field that is out of range, or two that do not go together.
void validate(const ModelConfig& config);

/// The names of an enumeration's values, in its order: of Cell ("rnn", "rnn_relu", ...),
/// AttentionKind, Energy, Query, Readout, Bridge.
template <class E>
std::span<const std::string_view> names();
/// The name of a value.
template <class E>
std::string_view name(E value) {
  return names<E>()[static_cast<std::size_t>(value)];
}
/// The value of that name; throws Error listing the choices if there is none.
template <class E>
E named(std::string_view name);

/// The field "model" of config.json: every field under its own name.
Json to_json(const ModelConfig& config);
/// Reads what `to_json` wrote and validates it. Throws Error naming the field.
ModelConfig model_config_from(const JsonObject& json);

}  // namespace weft::models
