#include "models/rnn_session.hpp"

#include <algorithm>

namespace weft::models {
namespace {

/// The columns `sentences` of a tensor [S, B, ...], or undefined.
Tensor select_sentences(const Tensor& x, std::int64_t dim, const Tensor& sentences) {
  return x.defined() ? index_select(x, dim, sentences) : x;
}

/// x [S, B, ...] with padding behind it, up to S = `length`: 0, or true.
Tensor lengthened(const Tensor& x, std::int64_t length) {
  if (x.size(0) == length) {
    return x;
  }
  Shape shape = x.shape();
  shape[0] = length - x.size(0);
  const double padding = x.dtype() == DType::boolean ? 1 : 0;
  return cat({x, full(shape, padding, x.dtype())}, 0);
}

/// a [S, B, ...] and b [S', B', ...] side by side: [max(S, S'), B + B', ...].
Tensor side_by_side(const Tensor& a, const Tensor& b) {
  if (!a.defined()) {
    return a;
  }
  const std::int64_t length = std::max(a.size(0), b.size(0));
  return cat({lengthened(a, length), lengthened(b, length)}, 1);
}

Tensor counted_from(std::int64_t first, const Tensor& rows) {
  Tensor moved = rows.clone();
  for (std::int64_t& row : moved.mutable_data<std::int64_t>()) {
    row += first;
  }
  return moved;
}

}  // namespace

RnnSession::RnnSession(const RnnSeq2Seq& model, const data::SourceBatch& batch)
    : model_(model),
      memory_(model.encode(batch.source, batch.source_lengths)),
      state_(model.start(memory_)) {
  memory_.final.clear();
}

Prediction RnnSession::step(const Tensor& tokens) {
  RnnSeq2Seq::Step next = model_.step(memory_, state_, tokens, rows_);
  state_ = std::move(next.state);
  return {model_.project(next.features), next.attention};
}

void RnnSession::select(const Tensor& rows) {
  rows_ = rows_.defined() ? index_select(rows_, 0, rows) : rows;
  for (Tensor& part : state_) {
    part = index_select(part, 0, rows);
  }
}

/// Drops the memory of sentences that no row belongs to.
void RnnSession::forget_unused() {
  if (!rows_.defined()) {
    rows_ = arange(state_[0].size(0));
    return;
  }
  std::vector<std::int64_t> used = rows_.to_vector<std::int64_t>();
  std::ranges::sort(used);
  used.erase(std::unique(used.begin(), used.end()), used.end());
  const Tensor sentences = tensor(used, {std::ssize(used)});
  for (Tensor* part : {&memory_.values, &memory_.keys, &memory_.padding}) {
    *part = select_sentences(*part, 1, sentences);
  }
  memory_.context = select_sentences(memory_.context, 0, sentences);
  rows_ = rows_.clone();
  for (std::int64_t& row : rows_.mutable_data<std::int64_t>()) {
    row = std::ranges::lower_bound(used, row) - used.begin();
  }
}

void RnnSession::join(std::unique_ptr<Session> other) {
  auto* const guests = dynamic_cast<RnnSession*>(other.get());
  if (guests == nullptr || &guests->model_ != &model_) {
    fail("session: got one of another model to join; expected the same model's");
  }
  forget_unused();
  guests->forget_unused();
  RnnSeq2Seq::Memory& theirs = guests->memory_;
  // Every sentence that is kept has a row, and the highest number of a sentence comes last.
  const auto own = rows_.data<std::int64_t>();
  const std::int64_t sentences = own.empty() ? 0 : *std::ranges::max_element(own) + 1;
  memory_.values = side_by_side(memory_.values, theirs.values);
  memory_.keys = side_by_side(memory_.keys, theirs.keys);
  memory_.padding = side_by_side(memory_.padding, theirs.padding);
  if (memory_.context.defined()) {
    memory_.context = cat({memory_.context, theirs.context}, 0);
  }
  for (std::size_t i = 0; i < state_.size(); ++i) {
    state_[i] = cat({state_[i], guests->state_[i]}, 0);
  }
  rows_ = cat({rows_, counted_from(sentences, guests->rows_)}, 0);
}

}  // namespace weft::models
