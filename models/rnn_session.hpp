#pragma once

#include <vector>

#include "models/rnn_seq2seq.hpp"

namespace weft::models {

/// The session of a recurrent model: the memory of its sentences, each once, and a state for each
/// row.
class RnnSession : public Session {
 public:
  /// The model must outlive it.
  RnnSession(const RnnSeq2Seq& model, const data::SourceBatch& batch);

  Prediction step(const Tensor& tokens) override;
  void select(const Tensor& rows) override;
  /// Throws Error unless `other` is of the same model.
  void join(std::unique_ptr<Session> other) override;

 private:
  void forget_unused();

  const RnnSeq2Seq& model_;
  RnnSeq2Seq::Memory memory_;  // without `final`
  RnnSeq2Seq::State state_;    // of each row
  Tensor rows_;  // int64 [N], the sentence of each row; undefined: row n is sentence n
};

}  // namespace weft::models
