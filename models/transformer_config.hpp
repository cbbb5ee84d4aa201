#pragma once

#include <cstdint>
#include <string_view>

#include "models/config.hpp"
#include "nn/transformer.hpp"

namespace weft::models {

/// How a Transformer learns where a token stands.
enum class Positions {
  sinusoidal,  ///< fixed waves, added to the embeddings (Vaswani et al. 2017)
  learned,     ///< a table of vectors, added to the embeddings (Gehring et al. 2017)
  rotary,      ///< queries and keys are turned by their positions (Su et al. 2021)
};
/// Their names.
constexpr auto names_of(Positions) {
  return name_table<Positions>("positions", {{Positions::sinusoidal, "sinusoidal"},
                                             {Positions::learned, "learned"},
                                             {Positions::rotary, "rotary"}});
}

/// Configuration of a Transformer (transformer_seq2seq.hpp). Sizes are those of the paper's base
/// model.
struct TransformerConfig : FamilyConfig<TransformerConfig> {
  TransformerConfig() { preset = "vaswani2017"; }

  std::int64_t layers = data::option(&layers, "layers", 6, {1, 64}, "layers in the encoder");
  std::int64_t decoder_layers = data::option(&decoder_layers, "decoder-layers", 0, {0, 64},
                                             "layers in the decoder (0: as in the encoder)");
  /// E.
  std::int64_t emb =
      data::option(&emb, "emb", 512, {1, kMaxSize}, "size of embeddings and of every layer");
  std::int64_t heads = data::option(&heads, "heads", 8, {1, 1024},
                                    "attention heads; their number must divide --emb");
  /// F.
  std::int64_t ffn = data::option(&ffn, "ffn", 2048, {1, kMaxSize},
                                  "units of the feed-forward network of each layer");
  nn::DecoderCell decoder_cell =
      data::option(&decoder_cell, "decoder-cell", nn::DecoderCell::attention,
                   "how the decoder looks back: self-attention, or a simpler simple recurrent unit "
                   "(ssru), whose steps cost the same however long the translation is");
  nn::Activation activation = data::option(&activation, "activation", nn::Activation::relu,
                                           "activation of the feed-forward networks");
  nn::Norm norm = data::option(&norm, "norm", nn::Norm::post,
                               "layer normalization: after each sublayer (post) or before (pre)");
  Positions positions = data::option(&positions, "positions", Positions::sinusoidal,
                                     "position encoding: added to the embeddings (sinusoidal or "
                                     "learned), or rotating queries and keys (rotary)");
  std::int64_t max_positions =
      data::option(&max_positions, "max-positions", 1024, {1, kMaxSize},
                   "rows of the table of learned positions; tokens behind it share the last");
  double dropout = data::option(&dropout, "dropout", 0.1, {0, 0.99},
                                "dropout probability, of embeddings and sublayers");
  bool tie_embeddings = data::option(&tie_embeddings, "tie-embeddings", true,
                                     "share the target embedding with the output layer, and with "
                                     "the source if the vocabulary is joint");

  /// The number of decoder layers.
  std::int64_t decoder_size() const { return decoder_layers == 0 ? layers : decoder_layers; }
  /// What its layers have in common.
  nn::TransformerOptions layer() const;

  void check() const override;

 private:
  static constexpr std::int64_t kMaxSize = 65536;
};

}  // namespace weft::models
