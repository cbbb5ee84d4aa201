#pragma once

#include "data/text/vocabulary.hpp"
#include "nn/embedding.hpp"
#include "nn/mask.hpp"
#include "tests/models/toys/family.hpp"

// A model without a decoder: each source position emits a token or a blank, and a session gives the
// probability that the target continues with a token, over all alignments (Graves et al. 2006,
// "Connectionist Temporal Classification", sections 3 and 4.1). Its loss is therefore that of CTC.
namespace weft::models::toys {

/// p_s(k) [S, B, V] is the probability that position s emits token k; the rest, up to 1, is that of
/// the blank. The state has b_s, n_s [N, S + 1], the probabilities that the first s positions emit
/// the target so far and end in a blank, or in its last token; and that token, one-hot [N, V].
class CtcSession : public ToySession {
 public:
  using ToySession::ToySession;
  Prediction step(const Tensor& tokens) override {
    const std::vector<Tensor> p = unbind(of_rows(0));  // S of [N, V]
    const Tensor c = one_hot(tokens, p[0].size(1));
    const Tensor same = sum(c * state_[2], {1}, true);
    std::vector<Tensor> b = {1 - sum(state_[2], {1}, true)};  // 1 where nothing is emitted yet
    std::vector<Tensor> n = {zeros_like(same)};
    for (std::size_t s = 0; s < p.size(); ++s) {
      n.push_back((n[s] + at(0, s) + at(1, s) * (1 - same)) * sum(p[s] * c, {1}, true));
      b.push_back((b[s] + n[s]) * (1 - sum(p[s], {1}, true)));
    }
    state_ = {cat(b, 1), cat(n, 1), c};
    Tensor next = one_hot(full({c.size(0)}, data::kEos, DType::int64), c.size(1)) *
                  (at(0, p.size()) + at(1, p.size()));
    for (std::size_t s = 0; s < p.size(); ++s) {  // or a token begins at s + 1
      next = next + (at(0, s) + at(1, s) * (1 - c)) * p[s];
    }
    return {log(next + 1e-30), {}};
  }
};

/// Sources have fewer than kPositions positions, so that the states of all sessions have the same
/// length.
class CtcModel : public Seq2Seq {
 public:
  explicit CtcModel(const ToyConfig& c)
      : Seq2Seq(c), source_embedding(c.source_vocab, c.target_vocab) {
    child("source_embedding", source_embedding);
  }
  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override {
    const Tensor p = softmax(source_embedding.forward(batch.source), -1);  // [S, B, V]
    const Tensor real = nn::sequence_mask(batch.source_lengths, p.size(0)).to(p.dtype());
    const Tensor words = one_hot(arange(data::kUnk), p.size(2));  // and three tokens that are not
    const Tensor of_words = p * (1 - sum(words, {0})) * reshape(real, {p.size(0), -1, 1});
    const Tensor said = cat({of_words, zeros({kPositions - p.size(0), p.size(1), p.size(2)})}, 0);
    const Tensor nothing = zeros({p.size(1), kPositions + 1});
    return std::make_unique<CtcSession>(
        std::vector{said}, std::vector{nothing, nothing, zeros({p.size(1), p.size(2)})});
  }
  static constexpr std::int64_t kPositions = 13;
  nn::Embedding source_embedding;
};

}  // namespace weft::models::toys
