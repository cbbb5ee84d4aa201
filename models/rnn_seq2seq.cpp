#include "models/rnn_seq2seq.hpp"

#include "autograd/tape.hpp"
#include "data/vocabulary.hpp"
#include "nn/init.hpp"
#include "nn/mask.hpp"

// Bahdanau, Cho, Bengio 2015 (arXiv:1409.0473), appendix A, with a GRU encoder of both directions:
//
//   encoder    (h_1 .. h_S) = GRU(x_1 .. x_S),  h_i = [forward; backward]         A.2.1
//   bridge     s_0 = tanh(W [forward h_S; backward h_1] + b)                      A.2.2
//   attention  e_ti = v . f(W_a s_{t-1} + U_a h_i + b),  a_t = softmax(e_t)       A.1.2
//              c_t = sum_i a_ti h_i                                               eq. 5
//   decoder    s_t = GRU([y_{t-1}; c_t], s_{t-1})                                 eq. 4
//   readout    full: logits = W_o [s_t; c_t; y_{t-1}] + b_o
//              deep: logits = W_o tanh(W_d [s_t; c_t; y_{t-1}] + b_d) + b_o
//              state: logits = W_o s_t + b_o
//
// where x and y are embeddings. The paper starts from the backward state alone, has f = tanh and a
// maxout readout; `deep` takes a tanh layer instead. The preset `tutorial` reads one way, takes
// s_0 = h_S as it is, has f = relu, v drawn from U(0, 1) and the readout `state`. In decoders of
// several layers attention asks with the topmost state, and layer l reads that of layer l - 1.
namespace weft::models {
namespace {

/// Memory::shared, if the sequence is recorded: the columns of the first cell's weight_ih that
/// multiply y, all steps of it in one product, and those for c. A search takes the weight as it is,
/// packed once for all sentences.
enum Shared : std::size_t { embedding_columns, context_columns };

std::int64_t memory_size(const ModelConfig& config) {
  return config.hidden * (config.bidirectional ? 2 : 1);  // D
}

std::int64_t feature_size(const ModelConfig& config) {
  return config.readout == Readout::state ? config.hidden
                                          : config.hidden + memory_size(config) + config.emb;
}

}  // namespace

RnnSeq2Seq::RnnSeq2Seq(const ModelConfig& config)
    : Seq2Seq(config),
      source_embedding(config.source_vocab, config.emb, data::kPad),
      target_embedding(config.target_vocab, config.emb, data::kPad),
      encoder(config.emb, config.hidden, config.layers, config.bidirectional, config.dropout),
      attention(config.hidden, memory_size(config), config.hidden, config.energy),
      output(config.readout == Readout::deep ? config.emb : feature_size(config),
             config.target_vocab),
      dropout(config.dropout) {
  child("source_embedding", source_embedding);
  child("target_embedding", target_embedding);
  child("encoder", encoder);
  for (std::int64_t layer = 0; layer < config.layers && config.bridge == Bridge::dense; ++layer) {
    bridge.push_back(std::make_unique<nn::Linear>(memory_size(config), config.hidden));
    child(fmt::format("bridge_l{}", layer), *bridge.back());
  }
  child("attention", attention);
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const std::int64_t input = layer == 0 ? config.emb + memory_size(config) : config.hidden;
    decoder.push_back(std::make_unique<nn::GRUCell>(input, config.hidden));
    child(fmt::format("decoder_l{}", layer), *decoder.back());
  }
  if (config.readout == Readout::deep) {
    deep = std::make_unique<nn::Linear>(feature_size(config), config.emb);
    child("deep", *deep);
  }
  child("output", output);
  child("dropout", dropout);
  if (config.preset == "tutorial") {
    nn::init::uniform_(attention.v, 0, 1);
  }
}

std::vector<std::pair<std::string, Shape>> RnnSeq2Seq::key_shapes(const ModelConfig& config) {
  std::vector<std::pair<std::string, Shape>> shapes = {
      {"source_embedding.weight", {config.source_vocab, config.emb}},
      {"target_embedding.weight", {config.target_vocab, config.emb}}};
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    shapes.emplace_back(fmt::format("encoder.weight_hh_l{}", layer),
                        Shape{3 * config.hidden, config.hidden});
  }
  return shapes;
}

Memory RnnSeq2Seq::encode(const Tensor& source, const Tensor& lengths) const {
  const Tensor embedded = dropout.forward(source_embedding.forward(source));  // [S, B, E]
  const nn::GRUOutput encoded = encoder.forward(embedded, lengths);
  Tensor last = encoded.h_n;  // [layers * directions, B, H]
  if (config().bidirectional) {
    const std::int64_t B = source.size(1);
    const std::int64_t H = config().hidden;
    last = transpose(reshape(last, {config().layers, 2, B, H}), 1, 2);  // [layers, B, 2, H]
    last = reshape(last, {config().layers, B, 2 * H});
  }
  return {encoded.output,
          attention.project_keys(encoded.output),
          nn::padding_mask(lengths, source.size(0)),
          last,
          grad_enabled() ? split(decoder[0]->weight_ih, {config().emb, memory_size(config())}, 1)
                         : std::vector<Tensor>(),
          {}};
}

State RnnSeq2Seq::start(const Memory& memory) const {
  State state = unbind(memory.final);  // layers of [B, D]
  for (std::size_t layer = 0; layer < bridge.size(); ++layer) {
    state[layer] = tanh(bridge[layer]->forward(state[layer]));  // [B, H]
  }
  return state;
}

Tensor RnnSeq2Seq::prepare(const Memory& memory, const Tensor& embedded) const {
  return memory.shared.empty()
             ? embedded
             : linear(embedded, memory.shared[embedding_columns], decoder[0]->bias_ih);
}

RnnSeq2Seq::Advance RnnSeq2Seq::advance(const Memory& memory, const State& state,
                                        const Tensor& prepared) const {
  const auto [context, weights] =
      attention.forward(state.back(), memory.keys, memory.values, memory.padding, memory.rows);
  Tensor input =
      memory.shared.empty()
          ? linear(cat({prepared, context}, -1), decoder[0]->weight_ih, decoder[0]->bias_ih)
          : prepared + linear(context, memory.shared[context_columns]);  // [B, 3H]
  State next;
  for (std::size_t layer = 0; layer < decoder.size(); ++layer) {
    const nn::GRUCell& cell = *decoder[layer];
    const nn::Forward call(cell);
    if (layer > 0) {
      input = linear(dropout.forward(next.back()), cell.weight_ih, cell.bias_ih);
    }
    next.push_back(call.output(
        gru_cell(input, linear(state[layer], cell.weight_hh, cell.bias_hh), state[layer])));
  }
  return {next, context, weights};
}

Tensor RnnSeq2Seq::join(const Tensor& state, const Tensor& context, const Tensor& embedded) const {
  return config().readout == Readout::state ? state : cat({state, context, embedded}, -1);
}

Step RnnSeq2Seq::step(const Memory& memory, const State& state, const Tensor& tokens) const {
  const Tensor embedded = dropout.forward(target_embedding.forward(tokens));  // [B, E]
  const Advance next = advance(memory, state, prepare(memory, embedded));
  return {join(next.state.back(), next.context, embedded), next.state, next.attention};
}

Tensor RnnSeq2Seq::teach(const Memory& memory, const Tensor& target_in) const {
  const Tensor embedded = dropout.forward(target_embedding.forward(target_in));  // [T, B, E]
  std::vector<Tensor> states;
  std::vector<Tensor> contexts;
  State state = start(memory);
  for (const Tensor& prepared : unbind(prepare(memory, embedded))) {  // T of [B, 3H] or [B, E]
    const PathScope step(std::ssize(states));
    const Advance next = advance(memory, state, prepared);
    state = next.state;
    states.push_back(state.back());
    contexts.push_back(next.context);
  }
  return join(stack(states), stack(contexts), embedded);  // [T, B, F]
}

Tensor RnnSeq2Seq::readout(const Tensor& features) const {
  const Tensor x = dropout.forward(features);
  return deep ? tanh(deep->forward(x)) : x;
}

Tensor RnnSeq2Seq::project(const Tensor& features) const {
  return output.forward(readout(features));
}

Tensor RnnSeq2Seq::cross_entropy(const Tensor& features, const Tensor& targets,
                                 Reduction reduction) const {
  const Tensor x = readout(features);  // [T, B, R]
  const nn::Forward call(output);
  return linear_cross_entropy(reshape(x, {-1, x.size(-1)}), output.weight, output.bias,
                              reshape(targets, {-1}), data::kPad, reduction);
}

}  // namespace weft::models
