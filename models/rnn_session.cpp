#include "models/rnn_session.hpp"

namespace weft::models {
namespace {

/// The parts of a SourceMemory, in their order.
enum Part : std::size_t { values, keys, padding, context };

std::vector<Tensor> parts_of(const RnnSeq2Seq::Memory& memory) {
  const Tensor& c = memory.context;  // [B, H]
  return {memory.values, memory.keys, memory.padding,
          c.defined() ? reshape(c, {1, c.size(0), c.size(1)}) : c};
}

}  // namespace

RnnSession::RnnSession(const RnnSeq2Seq& model, const data::SourceBatch& batch)
    : RnnSession(model, model.encode(batch.source, batch.source_lengths)) {}

RnnSession::RnnSession(const RnnSeq2Seq& model, const RnnSeq2Seq::Memory& memory)
    : model_(model),
      memory_(parts_of(memory), memory.final[0].size(0)),
      state_(model.start(memory)) {}

Prediction RnnSession::step(const Tensor& tokens) {
  const Tensor& c = memory_[context];  // [1, B, H]
  const RnnSeq2Seq::Memory memory{memory_[values],
                                  memory_[keys],
                                  memory_[padding],
                                  c.defined() ? reshape(c, {c.size(1), c.size(2)}) : c,
                                  {}};
  RnnSeq2Seq::Step next = model_.step(memory, state_, tokens, memory_.rows());
  state_ = std::move(next.state);
  return {model_.project(next.features), next.attention};
}

void RnnSession::select(const Tensor& rows) {
  memory_.select(rows);
  for (Tensor& part : state_) {
    part = index_select(part, 0, rows);
  }
}

void RnnSession::join(std::unique_ptr<Session> other) {
  auto* const guests = dynamic_cast<RnnSession*>(other.get());
  if (guests == nullptr || &guests->model_ != &model_) {
    fail("session: got one of another model to join; expected the same model's");
  }
  memory_.join(guests->memory_);
  for (std::size_t i = 0; i < state_.size(); ++i) {
    state_[i] = cat({state_[i], guests->state_[i]}, 0);
  }
}

}  // namespace weft::models
