#pragma once

#include "models/key_value_cache.hpp"
#include "models/source_memory.hpp"
#include "models/transformer_seq2seq.hpp"

namespace weft::models {

/// The session of a Transformer: per sentence the keys and values of the encoder's result, which
/// each layer of the decoder projects once; per row those of the tokens that it has read.
/// Predictions have the attention of the last layer to the source, the mean over its heads.
class TransformerSession : public Session {
 public:
  /// The model must outlive it.
  TransformerSession(const TransformerSeq2Seq& model, const data::SourceBatch& batch);

  Prediction step(const Tensor& tokens) override;
  void select(const Tensor& rows) override;
  /// Throws Error unless `other` is a session of the same model.
  void join(std::unique_ptr<Session> other) override;

 private:
  TransformerSession(const TransformerSeq2Seq& model, const Tensor& memory, const Tensor& lengths);
  /// Steps that were made before the first row joined.
  std::int64_t steps() const { return caches_[0].size(); }
  /// True where a row had not begun, boolean [t, N]; undefined if all begin at step 0.
  Tensor before_begin(std::int64_t t) const;

  const TransformerSeq2Seq& model_;
  SourceMemory memory_;                // padding, then keys and values of each layer
  std::vector<KeyValueCache> caches_;  // of each layer
  std::vector<std::int64_t> begins_;   // the step at which each row began, [N]
};

}  // namespace weft::models
