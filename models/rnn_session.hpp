#pragma once

#include "models/rnn_seq2seq.hpp"
#include "models/source_memory.hpp"

namespace weft::models {

/// The session of a recurrent model: encoder memory per sentence, decoder state per row.
class RnnSession : public Session {
 public:
  /// The model must outlive it.
  RnnSession(const RnnSeq2Seq& model, const data::SourceBatch& batch);

  Prediction step(const Tensor& tokens) override;
  void select(const Tensor& rows) override;
  /// Throws Error unless `other` is a session of the same model.
  void join(std::unique_ptr<Session> other) override;

 private:
  RnnSession(const RnnSeq2Seq& model, const RnnSeq2Seq::Memory& memory);

  const RnnSeq2Seq& model_;
  SourceMemory memory_;
  RnnSeq2Seq::State state_;  // of each row
};

}  // namespace weft::models
