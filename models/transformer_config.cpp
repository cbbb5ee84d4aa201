#include "models/transformer_config.hpp"

namespace weft::models {

nn::TransformerOptions TransformerConfig::layer() const {
  return {.embed_dim = emb,
          .heads = heads,
          .ffn = ffn,
          .dropout = dropout,
          .activation = activation,
          .norm = norm,
          .cell = decoder_cell};
}

void TransformerConfig::check() const {
  if (emb % heads != 0) {
    fail("model: heads must divide emb; got {} heads and emb {}", heads, emb);
  }
  if (positions == Positions::rotary && emb / heads % 2 != 0) {
    fail(
        "model: rotary positions turn pairs of features; got {} features a head; expected an even "
        "number",
        emb / heads);
  }
  if (source_features > 0 && joint_vocab) {
    fail(
        "model: frames have no vocabulary to share; got source_features {} and joint_vocab; "
        "expected one of them",
        source_features);
  }
  if (tie_embeddings && joint_vocab && source_vocab != target_vocab) {
    fail("model: a joint vocabulary has one size; got {} and {}", source_vocab, target_vocab);
  }
}

}  // namespace weft::models
