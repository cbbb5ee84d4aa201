#include "models/transformer_seq2seq.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/source_check.hpp"
#include "models/transformer_session.hpp"
#include "nn/init.hpp"

// vaswani2017: Vaswani et al. 2017, "Attention Is All You Need" (arXiv:1706.03762). With the layers
// of nn/transformer.cpp:
//
//   encoder    x_i = sqrt(E) emb(source_i) + PE(i),  h = layer_N(.. layer_1(dropout(x)))   3.1, 3.4
//   decoder    y_t = sqrt(E) emb(target_{t-1}) + PE(t),  s = layer_N(.. layer_1(dropout(y)))
//   output     logits_t = W s_t + b, where W is the table of embeddings if they are tied   3.4
//
// PE are waves (section 3.5), learned vectors, or zero where queries and keys are rotated instead.
// After layers of Norm::pre comes one more norm.
namespace weft::models {

TransformerSeq2Seq::TransformerSeq2Seq(const TransformerConfig& config)
    : Seq2Seq(config),
      target_embedding(config.target_vocab, config.emb, data::kPad),
      encoder(config, config.layers),
      decoder(config, config.decoder_size()),
      dropout(config.dropout),
      waves_([E = config.emb](std::int64_t T) { return nn::sinusoidal_positions(T, E); }),
      cosines_(
          [d = config.emb / config.heads](std::int64_t T) { return nn::rotary_cosines(T, d); }),
      sines_([d = config.emb / config.heads](std::int64_t T) { return nn::rotary_sines(T, d); }) {
  const double std = 1 / std::sqrt(static_cast<double>(config.emb));  // so that x starts near 1
  if (config.source_features > 0) {
    source_projection = std::make_unique<nn::Linear>(config.source_features, config.emb);
    child("source_projection", *source_projection);
  } else if (!config.tie_embeddings || !config.joint_vocab) {
    source_embedding = std::make_unique<nn::Embedding>(config.source_vocab, config.emb, data::kPad);
    child("source_embedding", *source_embedding);
    nn::init::normal_(source_embedding->weight, 0, std);
  }
  child("target_embedding", target_embedding);
  nn::init::normal_(target_embedding.weight, 0, std);
  if (config.positions == Positions::learned) {
    for (auto* const table : {&source_positions, &target_positions}) {
      *table = std::make_unique<nn::Embedding>(config.max_positions, config.emb);
      nn::init::normal_((*table)->weight, 0, std);
    }
    child("source_positions", *source_positions);
    child("target_positions", *target_positions);
  }
  child("encoder", encoder);
  child("decoder", decoder);
  output = config.tie_embeddings ? std::make_unique<nn::Linear>(target_embedding.weight)
                                 : std::make_unique<nn::Linear>(config.emb, config.target_vocab);
  child("output", *output);
  nn::init::zeros_(output->bias);
  child("dropout", dropout);
}

std::vector<std::pair<std::string, Shape>> TransformerSeq2Seq::key_shapes(
    const TransformerConfig& config) {
  const std::int64_t E = config.emb;
  std::vector<std::pair<std::string, Shape>> shapes = {
      {"target_embedding.weight", {config.target_vocab, E}}};
  if (config.source_features > 0) {
    shapes.emplace_back("source_projection.weight", Shape{E, config.source_features});
  } else if (!config.tie_embeddings || !config.joint_vocab) {
    shapes.emplace_back("source_embedding.weight", Shape{config.source_vocab, E});
  }
  if (config.positions == Positions::learned) {
    shapes.emplace_back("source_positions.weight", Shape{config.max_positions, E});
    shapes.emplace_back("target_positions.weight", Shape{config.max_positions, E});
  }
  const auto add_layers = [&](const std::string& name, std::int64_t count, bool recurrent) {
    for (std::int64_t i = 0; i < count; ++i) {
      shapes.emplace_back(fmt::format("{}.layers.{}.linear1.weight", name, i),
                          Shape{config.ffn, E});
      if (recurrent) {
        shapes.emplace_back(fmt::format("{}.layers.{}.ssru.forget.weight", name, i), Shape{E, E});
      } else {
        shapes.emplace_back(fmt::format("{}.layers.{}.self_attn.in_proj_weight", name, i),
                            Shape{3 * E, E});
      }
    }
  };
  add_layers("encoder", config.layers, false);
  add_layers("decoder", config.decoder_size(), config.decoder_cell == nn::DecoderCell::ssru);
  if (!config.tie_embeddings) {
    shapes.emplace_back("output.weight", Shape{config.target_vocab, E});
  }
  return shapes;
}

Tensor TransformerSeq2Seq::front(const Tensor& source) const {
  check_source(source, config().source_features);
  if (source_projection) {
    return source_projection->forward(source);
  }
  return (source_embedding ? *source_embedding : target_embedding).forward(source) *
         std::sqrt(static_cast<double>(config().emb));
}

Tensor TransformerSeq2Seq::positions(const Tensor& ids, const nn::Embedding* learned) const {
  if (learned == nullptr) {
    return config().positions == Positions::sinusoidal
               ? waves_.at(ids).to(target_embedding.weight.dtype())
               : Tensor();
  }
  Tensor rows = ids.clone();
  for (std::int64_t& id : rows.mutable_data<std::int64_t>()) {
    id = std::min(id, config().max_positions - 1);
  }
  return learned->forward(rows);
}

Tensor TransformerSeq2Seq::add_positions(const Tensor& x, const Tensor& positions) const {
  if (!positions.defined()) {
    return dropout.forward(x);
  }
  const Tensor rows = x.dim() == 3 ? reshape(positions, {x.size(0), 1, x.size(2)}) : positions;
  return dropout.forward(x + rows);
}

nn::Rotation TransformerSeq2Seq::rotation(const Tensor& positions) const {
  if (config().positions != Positions::rotary) {
    return {};
  }
  const DType dtype = target_embedding.weight.dtype();
  return {cosines_.at(positions).to(dtype), sines_.at(positions).to(dtype)};
}

Tensor TransformerSeq2Seq::encode(const Tensor& source, const Tensor& lengths) const {
  const Tensor ids = arange(source.size(0));
  const nn::Rotation rotation = this->rotation(ids);
  Tensor x = add_positions(front(source), positions(ids, source_positions.get()));  // [S, B, E]
  for (std::int64_t i = 0; i < encoder.layers.size(); ++i) {
    x = encoder.layers[i].forward(x, lengths, rotation);
  }
  return encoder.finish(x);
}

Tensor TransformerSeq2Seq::embed_target(const Tensor& tokens, const Tensor& positions) const {
  const Tensor x = target_embedding.forward(tokens) * std::sqrt(static_cast<double>(config().emb));
  return add_positions(x, this->positions(positions, target_positions.get()));
}

Tensor TransformerSeq2Seq::teach(const Tensor& memory, const Tensor& lengths,
                                 const Tensor& target_in) const {
  const Tensor ids = arange(target_in.size(0));
  const nn::Rotation rotation = this->rotation(ids);
  Tensor x = embed_target(target_in, ids);  // [T, B, E]
  for (std::int64_t i = 0; i < decoder.layers.size(); ++i) {
    x = decoder.layers[i].forward(x, memory, lengths, rotation);
  }
  return decoder.finish(x);
}

std::unique_ptr<Session> TransformerSeq2Seq::open(const data::SourceBatch& batch) const {
  return std::make_unique<TransformerSession>(*this, batch);
}

Tensor TransformerSeq2Seq::head_attention(const std::vector<std::int64_t>& source,
                                          const std::vector<std::int64_t>& target) const {
  const NoGradGuard guard;
  TransformerSession session(*this, data::make_source_batch(std::span(&source, 1), {0}));
  session.keep_weights();
  std::vector<Tensor> steps;
  for (std::size_t t = 0; t < target.size(); ++t) {
    session.step(tensor<std::int64_t>({t == 0 ? data::kBos : target[t - 1]}, {1}));
    std::vector<Tensor> layers;
    for (std::int64_t i = 0; i < decoder.layers.size(); ++i) {
      const Tensor& weights = session.weights(i);  // [S, 1, heads]
      layers.push_back(reshape(weights, {weights.size(0), weights.size(2)}));
    }
    steps.push_back(stack(layers));  // [layers, S, heads]
  }
  return steps.empty() ? Tensor() : permute(stack(steps), {1, 3, 0, 2});
}

Tensor TransformerSeq2Seq::forward(const data::Batch& batch, TeacherForcing forcing) const {
  if (forcing.ratio != 1) {
    return Seq2Seq::forward(batch, forcing);
  }
  const nn::Forward call(*this);
  const Tensor memory = encode(batch.source, batch.source_lengths);
  return call.output(output->forward(teach(memory, batch.source_lengths, batch.target_in)));
}

Tensor TransformerSeq2Seq::loss(const data::Batch& batch, TeacherForcing forcing,
                                Reduction reduction, double label_smoothing) const {
  if (forcing.ratio != 1) {
    return Seq2Seq::loss(batch, forcing, reduction, label_smoothing);
  }
  const nn::Forward call(*this);
  const Tensor memory = encode(batch.source, batch.source_lengths);
  const Tensor x = teach(memory, batch.source_lengths, batch.target_in);  // [T, B, E]
  const nn::Forward last(*output);
  return linear_cross_entropy(reshape(x, {-1, x.size(-1)}), output->weight, output->bias,
                              reshape(batch.target_out, {-1}), data::kPad, reduction,
                              label_smoothing);
}

}  // namespace weft::models
