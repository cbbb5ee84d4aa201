#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "autograd/ops.hpp"
#include "models/json.hpp"

namespace weft::models {

/// What the logits are computed from: the state alone, [state; context; embedding], or a tanh layer
/// over the latter.
enum class Readout { state, full, deep };

/// How the decoder's first state is made from the encoder's last ones.
enum class Bridge {
  copy,   ///< taken as it is (an encoder of one direction)
  dense,  ///< tanh of a linear layer over both directions
};

/// Everything that decides the shape and the equations of a model.
struct ModelConfig {
  std::string preset = "bahdanau2015";  ///< the paper whose equations it follows
  std::int64_t source_vocab = 0;    ///< Vs, special tokens included; 4 to 10,000,000 once it is set
  std::int64_t target_vocab = 0;    ///< Vt, in the same range
  std::int64_t emb = 256;           ///< E, size of an embedding
  std::int64_t hidden = 512;        ///< H, size of a state, in each direction
  std::int64_t layers = 1;          ///< of the encoder and of the decoder
  bool bidirectional = true;        ///< whether the encoder reads both ways
  double dropout = 0;               ///< on embeddings, between layers, on what the readout sees
  Energy energy = Energy::tanh;     ///< of the additive attention
  Readout readout = Readout::deep;  ///< may differ from the preset's, as may `energy`
  Bridge bridge = Bridge::dense;    ///< `copy` needs an encoder of one direction

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

/// "tanh" or "relu".
std::string_view name(Energy energy);
/// "state", "full" or "deep".
std::string_view name(Readout readout);
/// "copy" or "dense".
std::string_view name(Bridge bridge);
///@{
/// The values of those names; throw Error listing the choices otherwise.
Energy energy_named(std::string_view name);
Readout readout_named(std::string_view name);
///@}

/// The field "model" of config.json: every field under its own name.
Json to_json(const ModelConfig& config);
/// Reads what `to_json` wrote and validates it. Throws Error naming the field.
ModelConfig model_config_from(const JsonObject& json);

}  // namespace weft::models
