#pragma once

#include <span>
#include <vector>

#include "autograd/ops.hpp"
#include "models/search/decode.hpp"
#include "models/session.hpp"

namespace weft::models {

/// What may come next in each of a step's N rows: a prediction as searches look at it. `<pad>` and
/// `<bos>` never come, nor does what is -inf.
class NextTokens {
 public:
  /// log_p [N, V], which the constraints have changed, the logarithms [N] of what makes
  /// probabilities of it (undefined where no search asks), attention [S, N] or undefined.
  NextTokens(Tensor log_p, Tensor normalizers, Tensor attention)
      : log_p_(std::move(log_p)),
        normalizers_(std::move(normalizers)),
        attention_(std::move(attention)) {}

  /// Looks for the most probable token of every row.
  void find_best();
  /// Looks for the `count` most probable ones of every row.
  void find_top(std::int64_t count);

  /// The most probable token of a row, after `find_best`.
  std::int64_t best(std::int64_t row) const;
  /// How many candidates a row has after `find_top`.
  std::int64_t candidates() const { return count_; }
  /// A row's i-th candidate, the most probable first.
  std::int64_t candidate(std::int64_t row, std::int64_t i) const;
  /// log p of a row's i-th candidate.
  double candidate_log_p(std::int64_t row, std::int64_t i) const;

  /// A number of a row, after `find_best` or `find_top`, that is finite if its log p are: if one is
  /// NaN or inf, or all are -inf, so is this. It is the normalizer; without, the largest log p, so
  /// that -inf may also come of the constraints.
  double level(std::int64_t row) const;
  /// Whether `level` is that of the model alone, whatever the constraints exclude.
  bool normalized() const { return normalizers_.defined(); }

  /// A row's log p up to a constant, [V].
  std::span<const float> row(std::int64_t row) const;
  /// log p of any token of a row.
  double log_p(std::int64_t row, std::int64_t token) const;
  /// Whether the model tells its attention.
  bool attends() const { return attention_.defined(); }
  /// What a row looked at, of a source of `length` positions.
  std::vector<float> attention(std::int64_t row, std::int64_t length) const;

 private:
  double normalizer(std::int64_t row) const;

  Tensor log_p_;
  Tensor normalizers_;
  Tensor attention_;
  Tensor best_;             // [N]
  TopK top_;                // [N, count]
  std::int64_t count_ = 0;  // candidates a row
};

}  // namespace weft::models
