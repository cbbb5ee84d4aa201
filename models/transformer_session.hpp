#pragma once

#include "models/key_value_cache.hpp"
#include "models/transformer_seq2seq.hpp"

namespace weft::models {

/// The session of a Transformer: per sentence the keys and values of the encoder's result, which
/// each layer of the decoder projects once; per row those of the tokens that it has read, or the
/// states of recurrent units.
/// Predictions have the attention of the last layer to the source, the mean over its heads, unless
/// they are recorded.
class TransformerSession : public Session {
 public:
  /// The model must outlive it.
  TransformerSession(const TransformerSeq2Seq& model, const data::SourceBatch& batch);

  Prediction step(const Tensor& tokens) override;
  void select(const Tensor& rows) override;
  /// Throws Error unless `other` is a session of the same model.
  void join(std::unique_ptr<Session> other) override;

  /// From now on keeps the weights of every layer, not those of the last alone.
  void keep_weights() { keeps_weights_ = true; }
  /// What the heads of layer i attended to in the last step, [S, N, heads]; undefined if they are
  /// not kept, or that step was recorded.
  const Tensor& weights(std::int64_t i) const { return weights_[static_cast<std::size_t>(i)]; }

 private:
  /// What the tokens before tell layer i of h [N, E]: [N, E].
  Tensor look_back(std::int64_t i, const Tensor& h, const nn::Rotation& rotation);

  const TransformerSeq2Seq& model_;
  KeyValueCache source_;
  KeyValueCache target_;                 // without chunks if the layers are recurrent
  std::vector<Tensor> states_;           // of recurrent layers, [N, E] each
  std::vector<std::int64_t> positions_;  // of the next token of each row
  std::vector<Tensor> weights_;          // of each layer
  bool keeps_weights_ = false;           // of all layers
  std::int64_t S_;                       // of the longest source
};

}  // namespace weft::models
