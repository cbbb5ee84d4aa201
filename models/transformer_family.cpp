#include "models/transformer_family.hpp"

#include "models/transformer_config.hpp"
#include "models/transformer_seq2seq.hpp"

namespace weft::models {
namespace {

const TransformerConfig& transformer(const ModelConfig& config) {
  return dynamic_cast<const TransformerConfig&>(config);
}

/// Two layers, with one component changed at a time.
std::vector<Variant> transformer_variants(std::string_view /*preset_name*/) {
  TransformerConfig base;
  base.layers = 2;
  base.heads = 2;
  base.dropout = 0;
  base.tie_embeddings = false;
  std::vector<Variant> all;
  const auto add = [&](const std::string& name, const auto& change) {
    TransformerConfig config = base;
    change(config);
    all.push_back({name, config.clone(), config.tie_embeddings});
  };
  for (const nn::Norm norm : values<nn::Norm>()) {
    add(fmt::format("norm {}", name(norm)), [norm](auto& c) { c.norm = norm; });
  }
  add("one layer, three in the decoder", [](auto& c) {
    c.layers = 1;
    c.decoder_layers = 3;
  });
  for (const nn::Activation activation : {nn::Activation::gelu, nn::Activation::silu}) {
    add(fmt::format("activation {}", name(activation)),
        [activation](auto& c) { c.activation = activation; });
  }
  add("positions learned", [](auto& c) {
    c.positions = Positions::learned;
    c.max_positions = 4;
  });
  add("positions rotary, norm pre", [](auto& c) {
    c.positions = Positions::rotary;
    c.norm = nn::Norm::pre;
  });
  add("decoder cell ssru", [](auto& c) { c.decoder_cell = nn::DecoderCell::ssru; });
  add("decoder cell ssru, norm pre", [](auto& c) {
    c.decoder_cell = nn::DecoderCell::ssru;
    c.norm = nn::Norm::pre;
  });
  add("tied embeddings", [](auto& c) { c.tie_embeddings = true; });
  add("frames", [](auto& c) { c.source_features = 3; });
  return all;
}

}  // namespace

Family transformer_family() {
  return {
      .name = "transformer",
      .presets = {"vaswani2017"},
      .config = [](std::string_view) { return std::make_unique<TransformerConfig>(); },
      .make =
          [](const ModelConfig& c) { return std::make_unique<TransformerSeq2Seq>(transformer(c)); },
      .key_shapes =
          [](const ModelConfig& c) { return TransformerSeq2Seq::key_shapes(transformer(c)); },
      .variants = transformer_variants,
      .resize =
          [](ModelConfig& config, const SizeSource& size) {
            auto& c = dynamic_cast<TransformerConfig&>(config);
            c.heads = 2;
            c.emb = 2 * c.heads * size();  // rotary positions need an even number a head
            c.ffn = size();
          },
  };
}

}  // namespace weft::models
