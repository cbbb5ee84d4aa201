#pragma once

#include "nn/embedding.hpp"
#include "nn/gru.hpp"
#include "nn/linear.hpp"
#include "nn/mask.hpp"
#include "tests/models/toys/family.hpp"

// A model that copies source words: one softmax over the target's vocabulary and the positions of
// the source (Gu et al. 2016, arXiv:1603.06393, eq. 4). Token Vt + i is the word at position i.
namespace weft::models::toys {

class CopyModel : public Seq2Seq {
 public:
  explicit CopyModel(const ToyConfig& c)
      : Seq2Seq(c),
        source_embedding(c.source_vocab, c.size),
        target_embedding(c.target_vocab, c.size),
        encoder(c.size, c.size),
        decoder(c.size, c.size),
        output(c.size, c.target_vocab) {
    child("source_embedding", source_embedding);
    child("target_embedding", target_embedding);
    child("encoder", encoder);
    child("decoder", decoder);
    child("output", output);
  }
  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override;

  nn::Embedding source_embedding, target_embedding;
  nn::GRU encoder;
  nn::GRUCell decoder;
  nn::Linear output;
};

class CopySession : public ToySession {
 public:
  CopySession(const CopyModel& model, const nn::RecurrentOutput& encoded, const Tensor& padding)
      : ToySession({encoded.output, padding}, {unbind(encoded.final[0])[0]}), model_(model) {}

  Prediction step(const Tensor& tokens) override {
    const Tensor y = known(tokens, model_.config().target_vocab);
    const Tensor x = model_.decoder.input_product(model_.target_embedding.forward(y));
    state_ = model_.decoder.step(x, state_);
    const Tensor scores = dot_scores(state_[0], memory_[0], memory_.rows());  // [S, N]
    const Tensor real = masked_fill(scores, of_rows(1), kNever);
    return {cat({model_.output.forward(state_[0]), transpose(real, 0, 1)}, 1), softmax(real, 0)};
  }

 private:
  const CopyModel& model_;
};

inline std::unique_ptr<Session> CopyModel::open(const data::SourceBatch& batch) const {
  const Tensor padding = nn::padding_mask(batch.source_lengths, batch.source.size(0));
  const Tensor x = source_embedding.forward(batch.source);
  return std::make_unique<CopySession>(*this, encoder.run(x, batch.source_lengths), padding);
}

}  // namespace weft::models::toys
