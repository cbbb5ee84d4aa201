#include "models/transformer_session.hpp"

#include <algorithm>

#include "nn/mask.hpp"

namespace weft::models {
namespace {

/// The padding [S, B], then keys and values [S, B, E] of each layer.
std::vector<Tensor> parts_of(const TransformerSeq2Seq& model, const Tensor& memory,
                             const Tensor& lengths) {
  std::vector<Tensor> parts = {nn::padding_mask(lengths, memory.size(0))};
  for (std::int64_t i = 0; i < model.decoder.layers.size(); ++i) {
    const nn::MultiheadAttention& attention = model.decoder.layers[i].multihead_attn;
    parts.push_back(attention.project_key(memory));
    parts.push_back(attention.project_value(memory));
  }
  return parts;
}

void delay(std::vector<std::int64_t>& begins, std::int64_t by) {
  std::ranges::transform(begins, begins.begin(), [by](std::int64_t b) { return b + by; });
}

}  // namespace

TransformerSession::TransformerSession(const TransformerSeq2Seq& model,
                                       const data::SourceBatch& batch)
    : TransformerSession(model, model.encode(batch.source, batch.source_lengths),
                         batch.source_lengths) {}

TransformerSession::TransformerSession(const TransformerSeq2Seq& model, const Tensor& memory,
                                       const Tensor& lengths)
    : model_(model),
      memory_(parts_of(model, memory, lengths), memory.size(1)),
      begins_(static_cast<std::size_t>(memory.size(1)), 0) {
  for (std::int64_t i = 0; i < model.decoder.layers.size(); ++i) {
    caches_.emplace_back(memory.size(1), memory.size(2), memory.dtype());
  }
}

Tensor TransformerSession::before_begin(std::int64_t t) const {
  if (std::ranges::all_of(begins_, [](std::int64_t begin) { return begin == 0; })) {
    return {};
  }
  const std::int64_t N = std::ssize(begins_);
  Tensor hidden = zeros({t, N}, DType::boolean);
  bool* value = hidden.mutable_data<bool>().data();
  for (std::int64_t i = 0; i < t; ++i) {
    for (const std::int64_t begin : begins_) {
      *value++ = i < begin;
    }
  }
  return hidden;
}

Prediction TransformerSession::step(const Tensor& tokens) {
  const std::int64_t t = steps();
  std::vector<std::int64_t> positions = begins_;
  std::ranges::transform(positions, positions.begin(), [t](std::int64_t b) { return t - b; });
  const Tensor ids = tensor(positions, {std::ssize(positions)});
  const Tensor hidden = before_begin(t + 1);
  nn::Rotation rotation = model_.rotation(ids);  // [N, d]
  for (Tensor* const part : {&rotation.cos, &rotation.sin}) {
    *part = part->defined() ? reshape(*part, {part->size(0), 1, part->size(1)}) : *part;
  }
  Tensor x = model_.embed_target(known(tokens, model_.config().target_vocab), ids);  // [N, E]
  Tensor weights;  // [S, N, heads]
  for (std::size_t i = 0; i < caches_.size(); ++i) {
    const nn::TransformerDecoderLayer& layer = model_.decoder.layers[static_cast<std::int64_t>(i)];
    KeyValueCache& cache = caches_[i];
    x = layer.step(
        x,
        [&](const Tensor& h) {
          const std::vector<Tensor> qkv = layer.self_attn.project(h, rotation);
          cache.append(qkv[1], qkv[2]);
          return layer.self_attn.attend(qkv[0], cache.keys(), cache.values(), hidden, {}).output;
        },
        [&](const Tensor& h) {
          const nn::MultiheadAttention::Attended attended =
              layer.multihead_attn.attend(layer.multihead_attn.project_query(h), memory_[2 * i + 1],
                                          memory_[2 * i + 2], memory_[0], memory_.rows());
          weights = attended.weights;
          return attended.output;
        });
  }
  return {model_.output->forward(model_.decoder.finish(x)), mean(weights, {2})};
}

void TransformerSession::select(const Tensor& rows) {
  memory_.select(rows);
  std::vector<std::int64_t> begins;
  for (const std::int64_t row : rows.data<std::int64_t>()) {
    begins.push_back(begins_[static_cast<std::size_t>(row)]);
  }
  // Steps before the first remaining row began are nobody's.
  const std::int64_t first = begins.empty() ? steps() : *std::ranges::min_element(begins);
  for (KeyValueCache& cache : caches_) {
    cache.select(rows, first);
  }
  begins_ = std::move(begins);
  delay(begins_, -first);
}

void TransformerSession::join(std::unique_ptr<Session> other) {
  auto* const guests = dynamic_cast<TransformerSession*>(other.get());
  if (guests == nullptr || &guests->model_ != &model_) {
    fail("session: got one of another model to join; expected the same model's");
  }
  memory_.join(guests->memory_);
  const std::int64_t last = std::max(steps(), guests->steps());
  delay(begins_, last - steps());
  delay(guests->begins_, last - guests->steps());
  begins_.insert(begins_.end(), guests->begins_.begin(), guests->begins_.end());
  for (std::size_t i = 0; i < caches_.size(); ++i) {
    caches_[i].join(guests->caches_[i]);
  }
}

}  // namespace weft::models
