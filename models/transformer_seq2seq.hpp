#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/seq2seq.hpp"
#include "models/transformer_config.hpp"
#include "nn/embedding.hpp"
#include "nn/module_list.hpp"

namespace weft::models {

/// A stack of layers, and a last norm after pre-norm layers.
template <class Layer>
class TransformerStack : public nn::Module {
 public:
  /// Makes `count` layers.
  TransformerStack(const TransformerConfig& config, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      layers.push_back(std::make_unique<Layer>(config.layer()));
    }
    child("layers", layers);
    if (config.norm == nn::Norm::pre) {
      norm = std::make_unique<nn::LayerNorm>(config.emb);
      child("norm", *norm);
    }
  }

  /// What leaves the last layer, [..., E] -> [..., E].
  Tensor finish(const Tensor& x) const { return norm ? norm->forward(x) : x; }

  nn::ModuleList<Layer> layers;         ///< the first one first
  std::unique_ptr<nn::LayerNorm> norm;  ///< null for Norm::post
};

/// The Transformer (equations in transformer_seq2seq.cpp). Its parameters, of which a configuration
/// has those that it needs:
///
///     source_embedding.weight [Vs, E]      target_embedding.weight [Vt, E]
///     source_projection.weight, .bias      E from F, for sources that are frames
///     source_positions.weight [P, E]       target_positions.weight [P, E], learned
///     encoder.layers.0.self_attn.in_proj_weight ...     the names of torch.nn.Transformer
///     decoder.layers.0.multihead_attn.in_proj_weight ...
///     decoder.layers.0.ssru.forget.weight ...     instead of its self_attn
///     encoder.norm.weight, .bias           decoder.norm.weight, .bias (Norm::pre)
///     output.weight, .bias                 V from E
///
/// Tied embeddings have no output.weight, and no source_embedding.weight with a joint vocabulary:
/// target_embedding.weight serves for them.
class TransformerSeq2Seq : public Seq2Seq {
 public:
  /// Throws Error unless `validate` accepts the configuration.
  explicit TransformerSeq2Seq(const TransformerConfig& config);

  /// Its configuration.
  const TransformerConfig& config() const {
    return static_cast<const TransformerConfig&>(Seq2Seq::config());
  }

  /// As Family::key_shapes (registry.hpp).
  static std::vector<std::pair<std::string, Shape>> key_shapes(const TransformerConfig& config);

  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override;
  Tensor head_attention(const std::vector<std::int64_t>& source,
                        const std::vector<std::int64_t>& target) const override;
  Tensor forward(const data::Batch& batch, TeacherForcing forcing = {}) const override;
  /// Does not call forward hooks of `output`.
  Tensor loss(const data::Batch& batch, TeacherForcing forcing = {},
              Reduction reduction = Reduction::mean, double label_smoothing = 0) const override;

  /// source [S, B] (ids) or [S, B, F] (frames), lengths [B] -> [S, B, E].
  Tensor encode(const Tensor& source, const Tensor& lengths) const;
  /// What the decoder reads of tokens [N] at positions [N] (int64): [N, E].
  Tensor embed_target(const Tensor& tokens, const Tensor& positions) const;
  /// The rotation of positions [N], [N, d]; undefined unless positions are rotary.
  nn::Rotation rotation(const Tensor& positions) const;
  /// The features of all steps with teacher forcing: target_in [T, B] -> [T, B, E].
  Tensor teach(const Tensor& memory, const Tensor& lengths, const Tensor& target_in) const;

  std::unique_ptr<nn::Embedding>
      source_embedding;                           ///< null if shared with the target, or for frames
  std::unique_ptr<nn::Linear> source_projection;  ///< F -> E, for frames; else null
  nn::Embedding target_embedding;                 ///< [...] -> [..., E]; zero at kPad
  std::unique_ptr<nn::Embedding> source_positions;        ///< for Positions::learned
  std::unique_ptr<nn::Embedding> target_positions;        ///< for Positions::learned
  TransformerStack<nn::TransformerEncoderLayer> encoder;  ///< [S, B, E] -> [S, B, E]
  TransformerStack<nn::TransformerDecoderLayer> decoder;  ///< [T, B, E] -> [T, B, E]
  std::unique_ptr<nn::Linear> output;                     ///< E -> V
  nn::Dropout dropout;                                    ///< of embeddings

 private:
  Tensor front(const Tensor& source) const;
  /// Embeddings x with what their positions add, after dropout.
  Tensor add_positions(const Tensor& x, const Tensor& positions) const;
  /// The vectors of positions [N], with a table of learned ones or null: [N, E].
  Tensor positions(const Tensor& ids, const nn::Embedding* learned) const;

  nn::PositionTable waves_;    // [T, E]
  nn::PositionTable cosines_;  // [T, d]
  nn::PositionTable sines_;    // [T, d]
};

}  // namespace weft::models
