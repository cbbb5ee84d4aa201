#pragma once

#include <memory>

#include "autograd/tensor.hpp"

namespace weft::models {

/// What a session says of the next token of each of its N rows.
struct Prediction {
  /// log p of every token, up to a constant of the row's own: [N, V]. The logits of a softmax will
  /// do as they are: a search that compares rows subtracts their logsumexp, one that does not saves
  /// it. V is the session's own and may change from step to step: it exceeds the model's vocabulary
  /// where source words can be copied. -inf: the token cannot come. Searches want float32, and may
  /// change it in place: it is a tensor that the session does not keep.
  ///
  /// With Vt the size of the target's vocabulary, Vt + s is a copied word, that at position s of
  /// the row's source; of a word that stands there twice a model may use one position for both.
  Tensor log_p;
  /// What each row looked at, [S, N], S the longest source in the session; 0 at padding. Undefined
  /// for a model without attention.
  Tensor attention;
};

/// Sentences on their way through a model: all that a search knows of it. A row is a hypothesis, at
/// first one for each sentence of the batch that was opened (Seq2Seq::open); a sentence may have
/// several rows, or none. What the model remembers of sources and rows (states, keys, caches,
/// packed weights, which row belongs to which sentence) is the session's own, so that no caller can
/// forget a step. A row's predictions do not depend on the other rows: bit for bit where nothing is
/// recorded.
///
///     const std::unique_ptr<Session> session = model.open(batch);
///     Tensor tokens = full({B}, data::kBos, DType::int64);
///     const Prediction next = session->step(tokens);  // of the first token
///     session->select(rows_that_go_on);               // then step() with their tokens, and so on
class Session {
 public:
  Session() = default;
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Every row goes on by a token: given the last ones [N] (int64, `<bos>` at first), what may come
  /// next. Ids are those of the row's predictions, copied words among them.
  virtual Prediction step(const Tensor& tokens) = 0;

  /// Row i is from now on what row rows[i] (int64 [M]) was: rows are kept, doubled, reordered or
  /// left out.
  virtual void select(const Tensor& rows) = 0;

  /// Takes in the rows of another session of the same model, behind its own. Sentences of which no
  /// row is left are forgotten at the latest now.
  virtual void join(std::unique_ptr<Session> other) = 0;
};

/// Tokens [N] as a vocabulary of V knows them: `<unk>` for one that it does not have, a copied
/// word.
Tensor known(const Tensor& tokens, std::int64_t V);

}  // namespace weft::models
