#include "models/transformer_session.hpp"

#include <algorithm>

#include "autograd/ops.hpp"

namespace weft::models {
namespace {

/// The places of tokens s < lengths[b] in a chunk [S B, ..], time-major.
std::vector<std::vector<KeyPlace>> source_paths(const Tensor& lengths) {
  const std::int64_t B = lengths.numel();
  std::vector<std::vector<KeyPlace>> paths(static_cast<std::size_t>(B));
  for (std::int64_t b = 0; b < B; ++b) {
    for (std::int64_t s = 0; s < lengths.data<std::int64_t>()[static_cast<std::size_t>(b)]; ++s) {
      paths[static_cast<std::size_t>(b)].push_back({0, static_cast<std::int32_t>(s * B + b)});
    }
  }
  return paths;
}

}  // namespace

TransformerSession::TransformerSession(const TransformerSeq2Seq& model,
                                       const data::SourceBatch& batch)
    : model_(model),
      source_(model.decoder.layers.size(), source_paths(batch.source_lengths),
              {.heads = model.config().heads,
               .E = model.config().emb,
               .key = 0,
               .value = model.config().emb}),
      target_(model.decoder.layers.size(), std::vector<std::vector<KeyPlace>>(source_.rows()),
              {.heads = model.config().heads,
               .E = model.config().emb,
               .key = model.config().emb,
               .value = 2 * model.config().emb}),
      positions_(source_.rows(), 0),
      weights_(static_cast<std::size_t>(model.decoder.layers.size())),
      S_(batch.source.size(0)) {
  const Tensor memory = model.encode(batch.source, batch.source_lengths);  // [S, B, E]
  const Tensor tokens = reshape(memory, {-1, memory.size(2)});
  for (std::int64_t i = 0; i < model.decoder.layers.size(); ++i) {
    const nn::TransformerDecoderLayer& layer = model.decoder.layers[i];
    source_.add(static_cast<std::size_t>(i), layer.multihead_attn.project_key_value(tokens));
    if (layer.ssru) {
      states_.push_back(zeros({memory.size(1), memory.size(2)}, memory.dtype()));
    }
  }
}

Tensor TransformerSession::look_back(std::int64_t i, const Tensor& h,
                                     const nn::Rotation& rotation) {
  const nn::TransformerDecoderLayer& layer = model_.decoder.layers[i];
  const auto number = static_cast<std::size_t>(i);
  if (layer.ssru) {
    nn::SSRU::Step next = layer.ssru->step(h, states_[number]);
    states_[number] = std::move(next.state);
    return next.output;
  }
  const Tensor qkv = layer.self_attn->project(h, rotation);  // [N, 3E]
  target_.add(number, qkv);
  return layer.self_attn->out_proj.forward(target_.attend(number, qkv).output);
}

Prediction TransformerSession::step(const Tensor& tokens) {
  const Tensor positions = tensor(positions_, {std::ssize(positions_)});
  for (std::int64_t& position : positions_) {
    ++position;
  }
  if (states_.empty()) {
    target_.extend();
  }
  nn::Rotation rotation = model_.rotation(positions);  // [N, d]
  for (Tensor* const part : {&rotation.cos, &rotation.sin}) {
    *part = part->defined() ? reshape(*part, {part->size(0), 1, part->size(1)}) : *part;
  }
  Tensor x = model_.embed_target(known(tokens, model_.config().target_vocab), positions);  // [N, E]
  for (std::int64_t i = 0; i < model_.decoder.layers.size(); ++i) {
    const nn::MultiheadAttention& cross = model_.decoder.layers[i].multihead_attn;
    x = model_.decoder.layers[i].step(
        x, [&](const Tensor& h) { return look_back(i, h, rotation); },
        [&](const Tensor& h) {
          const auto layer = static_cast<std::size_t>(i);
          const bool kept = keeps_weights_ || layer + 1 == weights_.size();
          LookedUp found = source_.attend(layer, cross.project_query(h), kept ? S_ : 0);
          weights_[layer] = std::move(found.weights);
          return cross.out_proj.forward(found.output);
        });
  }
  return {model_.output->forward(model_.decoder.finish(x)),
          weights_.back().defined() ? mean(weights_.back(), {2}) : Tensor()};
}

void TransformerSession::select(const Tensor& rows) {
  source_.select(rows);
  target_.select(rows);
  for (Tensor& state : states_) {
    state = index_select(state, 0, rows);
  }
  std::vector<std::int64_t> positions;
  for (const std::int64_t row : rows.data<std::int64_t>()) {
    positions.push_back(positions_[static_cast<std::size_t>(row)]);
  }
  positions_ = std::move(positions);
}

void TransformerSession::join(std::unique_ptr<Session> other) {
  auto* const guests = dynamic_cast<TransformerSession*>(other.get());
  if (guests == nullptr || &guests->model_ != &model_) {
    fail("session: got one of another model to join; expected the same model's");
  }
  source_.join(guests->source_);
  target_.join(guests->target_);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    states_[i] = cat({states_[i], guests->states_[i]}, 0);
  }
  positions_.insert(positions_.end(), guests->positions_.begin(), guests->positions_.end());
  S_ = std::max(S_, guests->S_);
}

}  // namespace weft::models
