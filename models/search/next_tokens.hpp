#pragma once

#include <span>
#include <vector>

#include "autograd/ops.hpp"
#include "models/search/decode.hpp"
#include "models/session.hpp"

namespace weft::models {

/// The predictions for the next token in each of a step's N rows, in the form that searches need.
/// Never yields `<pad>`, `<bos>` or tokens with log p = -inf.
class NextTokens {
 public:
  /// log_p [N, V], unnormalized, with constraints applied; the log normalizers [N] to subtract from
  /// it (undefined if no search needs them); attention [S, N] or undefined.
  NextTokens(Tensor log_p, Tensor normalizers, Tensor attention)
      : log_p_(std::move(log_p)),
        normalizers_(std::move(normalizers)),
        attention_(std::move(attention)) {}

  /// Finds the most probable token of every row.
  void find_best();
  /// Finds the `count` most probable tokens of every row.
  void find_top(std::int64_t count);

  /// The most probable token of a row, after `find_best`.
  std::int64_t best(std::int64_t row) const;
  /// The number of candidates per row after `find_top`.
  std::int64_t candidates() const { return count_; }
  /// A row's i-th candidate, in order of decreasing probability.
  std::int64_t candidate(std::int64_t row, std::int64_t i) const;
  /// log p of a row's i-th candidate.
  double candidate_log_p(std::int64_t row, std::int64_t i) const;

  /// A value that tells, after `find_best` or `find_top`, whether a row is finite: it is finite if
  /// the row's log p are, and not finite if one of them is NaN or inf, or all are -inf. It is the
  /// row's normalizer, or without normalizers the largest log p, which may also be -inf because of
  /// the constraints.
  double level(std::int64_t row) const;
  /// Whether `level` depends on the model only, not on what the constraints exclude.
  bool normalized() const { return normalizers_.defined(); }

  /// A row's log p up to an additive constant, [V].
  std::span<const float> row(std::int64_t row) const;
  /// log p of a given token in a row.
  double log_p(std::int64_t row, std::int64_t token) const;
  /// Whether the model provides attention.
  bool attends() const { return attention_.defined(); }
  /// A row's attention weights over a source of `length` positions.
  std::vector<float> attention(std::int64_t row, std::int64_t length) const;

 private:
  double normalizer(std::int64_t row) const;

  Tensor log_p_;
  Tensor normalizers_;
  Tensor attention_;
  Tensor best_;             // [N]
  TopK top_;                // [N, count]
  std::int64_t count_ = 0;  // per row
};

}  // namespace weft::models
