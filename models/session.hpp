#pragma once

#include <memory>

#include "autograd/tensor.hpp"

namespace weft::models {

/// A session's prediction of the next token for each of its N rows.
struct Prediction {
  /// [N, V], log p of every token, up to an additive constant per row. Logits may be returned as
  /// they are: searches that compare rows subtract the logsumexp, others save it. V belongs to the
  /// session and may change from step to step; it exceeds the model's vocabulary if source words
  /// can be copied. -inf excludes a token. Must be float32 and not shared with the session:
  /// searches modify it in place.
  ///
  /// With Vt the size of the target vocabulary, id Vt + s copies the word at position s of the
  /// row's source. For a word that occurs several times, a model may use one position for all.
  Tensor log_p;
  /// [S, N], the attention weights of each row, with S the longest source in the session; 0 at
  /// padding. Undefined for models without attention.
  Tensor attention;
};

/// The state of decoding a set of sentences: the interface between search and model. Each row is a
/// hypothesis. Seq2Seq::open creates one row per sentence; later a sentence may have several rows,
/// or none. All model state (hidden states, keys, caches, packed weights, the sentence of each row)
/// belongs to the session, so callers cannot get it out of step. The predictions for a row do not
/// depend on other rows; they are bit-identical when nothing is recorded.
///
///     const std::unique_ptr<Session> session = model.open(batch);
///     Tensor tokens = full({B}, data::kBos, DType::int64);
///     const Prediction next = session->step(tokens);  // for the first token
///     session->select(live_rows);               // then step() with their tokens, etc.
class Session {
 public:
  Session() = default;
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Advances every row by one token: given the last tokens [N] (int64, `<bos>` at first), predicts
  /// the next ones. Ids of copied words are as in the row's previous prediction.
  virtual Prediction step(const Tensor& tokens) = 0;

  /// Replaces the rows: new row i is a copy of old row rows[i] (int64 [M]). Rows can be kept,
  /// duplicated, reordered or dropped.
  virtual void select(const Tensor& rows) = 0;

  /// Appends the rows of another session of the same model. Drops sentences without rows.
  virtual void join(std::unique_ptr<Session> other) = 0;
};

/// Tokens [N] with ids outside a vocabulary of V, which are copied words, replaced by `<unk>`.
Tensor known(const Tensor& tokens, std::int64_t V);

}  // namespace weft::models
