#include "models/rnn_seq2seq.hpp"

#include <cmath>

#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/rnn_parts.hpp"
#include "models/rnn_session.hpp"
#include "models/source_check.hpp"
#include "nn/init.hpp"
#include "nn/mask.hpp"

// x and y are embeddings of source and target tokens, h_i the encoder outputs, s_t the decoder
// states, f a cell (nn/gru.cpp, lstm.cpp, rnn.cpp), c a context, o_t the output that the readout
// reads.
//
// bahdanau2015: Bahdanau, Cho, Bengio 2015 (arXiv:1409.0473), appendix A, with a bidirectional GRU
// encoder:
//
//   encoder    (h_1 .. h_S) = f(x_1 .. x_S),  h_i = [forward; backward]           A.2.1
//   bridge     s_0 = tanh(W [forward h_S; backward h_1] + b)                      A.2.2
//   attention  e_ti = v . tanh(W_a s_{t-1} + U_a h_i + b),  a_t = softmax(e_t)    A.1.2
//              c_t = sum_i a_ti h_i                                               eq. 5
//   decoder    s_t = f([y_{t-1}; c_t], s_{t-1}),  o_t = s_t                       eq. 4
//   readout    deep: logits = W_o tanh(W_d [o_t; c_t; y_{t-1}] + b_d) + b_o
//
// The paper starts from the backward state alone and uses the readout `maxout`.
//
// tutorial: the same with a unidirectional encoder, s_0 = h_S, relu instead of tanh in the
// attention, v drawn from U(0, 1), and the readout `state`.
//
// cho2014: Cho et al. 2014 (arXiv:1406.1078), appendix A, without attention:
//
//   encoder    (h_1 .. h_S) = f(x_1 .. x_S),  c = tanh(V h_S)                     A.1.1
//   bridge     s_0 = tanh(V' c)                                                   A.1.2
//   decoder    s_t = f([y_{t-1}; c], s_{t-1}),  o_t = s_t                         A.1.2
//   readout    maxout: u = W_d [o_t; c; y_{t-1}] + b_d,
//              logits = W_o (max(u_{2j-1}, u_{2j}))_j + b_o                       A.1.2
//
// sutskever2014: Sutskever, Vinyals, Le 2014 (arXiv:1409.3215), a deep LSTM over the reversed
// source (sections 2 and 3.3):
//
//   encoder    (h_S .. h_1) = f(x_S .. x_1)
//   bridge     s_0 = h_1, in every layer h and c
//   decoder    s_t = f(y_{t-1}, s_{t-1}),  o_t = s_t
//   readout    state: logits = W_o o_t + b_o
//
// luong2015: Luong, Pham, Manning 2015 (arXiv:1508.04025), the same with attention queried by the
// new state, and input feeding:
//
//   decoder    s_t = f([y_{t-1}; o_{t-1}], s_{t-1}),  o_0 = 0                     section 3.3
//   attention  e_ti = s_t . W_a h_i,  a_t = softmax(e_t),  c_t = sum_i a_ti h_i   eqs. 7, 8
//   combine    o_t = tanh(W_c [c_t; s_t])                                         eq. 5
//   readout    state: logits = W_o o_t + b_o                                      eq. 6
//
// In decoders of several layers, the topmost state is the query of attention, and layer l reads
// layer l - 1. Every other combination of these parts is a configuration as well; `full` is the
// readout logits = W_o [o_t; c_t; y_{t-1}] + b_o, `mean` starts from the mean of the h_i.
namespace weft::models {

RnnSeq2Seq::RnnSeq2Seq(const RnnConfig& config)
    : Seq2Seq(config),
      target_embedding(config.target_vocab, config.emb, data::kPad),
      encoder(make_encoder(config)),
      attention(make_attention(config)),
      dropout(config.dropout) {
  add_front();
  child("target_embedding", target_embedding);
  child("encoder", *encoder);
  if (config.fixed_context) {
    context = std::make_unique<nn::Linear>(memory_size(config), config.hidden);
    child("context", *context);
  }
  add_bridge();
  if (attention) {
    child("attention", *attention);
  }
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    const std::int64_t input = layer == 0 ? config.emb + beside_size(config) : config.hidden;
    decoder.push_back(make_cell(config.cell, input, config.hidden));
    child(fmt::format("decoder_l{}", layer), *decoder.back());
  }
  if (attention && config.query == Query::current) {
    combine =
        std::make_unique<nn::Linear>(memory_size(config) + config.hidden, config.hidden, false);
    child("combine", *combine);
  }
  if (config.readout == Readout::deep || config.readout == Readout::maxout) {
    deep = std::make_unique<nn::Linear>(feature_size(config), deep_size(config));
    child("deep", *deep);
  }
  output = config.tie_embeddings
               ? std::make_unique<nn::Linear>(target_embedding.weight)
               : std::make_unique<nn::Linear>(readout_size(config), config.target_vocab);
  child("output", *output);
  child("dropout", dropout);
  if (config.tie_embeddings) {  // so that logits start near 1
    nn::init::normal_(target_embedding.weight, 0, 1 / std::sqrt(static_cast<double>(config.emb)));
  }
  if (config.preset == "tutorial" && config.attention == AttentionKind::additive) {
    nn::init::uniform_(static_cast<nn::AdditiveAttention&>(*attention).v, 0, 1);
  }
}

void RnnSeq2Seq::add_front() {
  const RnnConfig& c = config();
  if (c.source_features > 0) {
    source_projection = std::make_unique<nn::Linear>(c.source_features, c.emb);
    child("source_projection", *source_projection);
  } else if (!c.tie_embeddings || !c.joint_vocab) {
    source_embedding = std::make_unique<nn::Embedding>(c.source_vocab, c.emb, data::kPad);
    child("source_embedding", *source_embedding);
  }
}

Tensor RnnSeq2Seq::front(const Tensor& source) const {
  check_source(source, config().source_features);
  if (source_projection) {
    return source_projection->forward(source);
  }
  return (source_embedding ? *source_embedding : target_embedding).forward(source);
}

void RnnSeq2Seq::add_bridge() {
  if (config().bridge != Bridge::dense && config().bridge != Bridge::mean) {
    return;
  }
  const bool from_context = config().bridge == Bridge::dense && config().fixed_context;
  const std::int64_t input = from_context ? config().hidden : memory_size(config());
  const auto add = [&](const std::string& name) {
    bridge.push_back(std::make_unique<nn::Linear>(input, config().hidden));
    child(name, *bridge.back());
  };
  for (std::int64_t layer = 0; layer < config().layers; ++layer) {
    add(fmt::format("bridge_l{}", layer));
    if (config().cell == Cell::lstm) {
      add(fmt::format("bridge_c_l{}", layer));
    }
  }
}

std::vector<std::pair<std::string, Shape>> RnnSeq2Seq::key_shapes(const RnnConfig& config) {
  const std::int64_t rows = gates(config.cell) * config.hidden;
  std::vector<std::pair<std::string, Shape>> shapes = {
      {"target_embedding.weight", {config.target_vocab, config.emb}},
      {"decoder_l0.weight_ih", {rows, config.emb + beside_size(config)}}};
  if (config.source_features > 0) {
    shapes.emplace_back("source_projection.weight", Shape{config.emb, config.source_features});
  } else if (!config.tie_embeddings || !config.joint_vocab) {
    shapes.emplace_back("source_embedding.weight", Shape{config.source_vocab, config.emb});
  }
  for (std::int64_t layer = 0; layer < config.layers; ++layer) {
    shapes.emplace_back(fmt::format("encoder.weight_hh_l{}", layer), Shape{rows, config.hidden});
  }
  if (config.readout == Readout::deep || config.readout == Readout::maxout) {
    shapes.emplace_back("deep.weight", Shape{deep_size(config), feature_size(config)});
  }
  if (!config.tie_embeddings) {
    shapes.emplace_back("output.weight", Shape{config.target_vocab, readout_size(config)});
  }
  return shapes;
}

RnnSeq2Seq::Memory RnnSeq2Seq::encode(const Tensor& source, const Tensor& lengths) const {
  const Tensor embedded = dropout.forward(front(source));  // [S, B, E]
  const nn::RecurrentOutput encoded = encoder->run(embedded, lengths);
  const State last = last_states(encoded);
  Memory memory;
  if (attention) {
    memory.values = encoded.output;
    memory.keys = attention->project_keys(encoded.output);
    memory.padding = nn::padding_mask(lengths, source.size(0));
  }
  if (context) {
    memory.context = tanh(context->forward(last[last.size() - states(config().cell)]));  // [B, H]
  }
  memory.final = bridge_inputs(encoded.output, lengths, last, memory.context);
  return memory;
}

RnnSeq2Seq::State RnnSeq2Seq::last_states(const nn::RecurrentOutput& encoded) const {
  const std::size_t directions = config().bidirectional ? 2 : 1;
  std::vector<std::vector<Tensor>> parts;  // for h (and c) layers * directions of [B, H]
  for (const Tensor& part : encoded.final) {
    parts.push_back(unbind(part));
  }
  State last;
  for (std::size_t i = 0; i < parts[0].size(); i += directions) {
    for (const std::vector<Tensor>& part : parts) {
      last.push_back(directions == 2 ? cat({part[i], part[i + 1]}, 1) : part[i]);  // [B, D]
    }
  }
  return last;
}

RnnSeq2Seq::State RnnSeq2Seq::bridge_inputs(const Tensor& outputs, const Tensor& lengths,
                                            const State& last, const Tensor& fixed) const {
  switch (config().bridge) {
    case Bridge::mean: {
      const Tensor count = reshape(lengths.to(outputs.dtype()), {-1, 1});
      return State(last.size(), sum(outputs, {0}) / count);  // [B, D]; padding is 0
    }
    case Bridge::zero:
      return State(last.size(), zeros({outputs.size(1), config().hidden}, outputs.dtype()));
    case Bridge::dense:
      return fixed.defined() ? State(last.size(), fixed) : last;
    default:
      return last;
  }
}

// An LSTM's c is unbounded, so its bridge has no tanh.
RnnSeq2Seq::State RnnSeq2Seq::start(const Memory& memory) const {
  State state = memory.final;
  for (std::size_t i = 0; i < bridge.size(); ++i) {
    const Tensor x = bridge[i]->forward(state[i]);  // [B, H]
    state[i] = i % states(config().cell) == 0 ? tanh(x) : x;
  }
  if (config().input_feeding) {
    state.push_back(zeros_like(state[0]));
  }
  return state;
}

RnnSeq2Seq::Columns RnnSeq2Seq::columns() const {
  if (beside_size(config()) == 0) {
    return {};
  }
  const std::vector<Tensor> parts =
      split(decoder[0]->weight_ih, {config().emb, beside_size(config())}, 1);
  return {.embedding = parts[0], .beside = parts[1]};
}

Tensor RnnSeq2Seq::prepare(const Memory& memory, const Tensor& embedded,
                           const Columns& columns) const {
  if (!columns.embedding.defined()) {
    return beside_size(config()) == 0 ? decoder[0]->input_product(embedded) : embedded;
  }
  const Tensor product = linear(embedded, columns.embedding, decoder[0]->bias_ih);
  return memory.context.defined()  // the same at every step
             ? product + linear(memory.context, columns.beside)
             : product;
}

Tensor RnnSeq2Seq::first_product(const Memory& memory, const Tensor& prepared, const Tensor& beside,
                                 const Columns& columns) const {
  if (!columns.embedding.defined()) {
    return beside.defined() ? decoder[0]->input_product(cat({prepared, beside}, -1)) : prepared;
  }
  return memory.context.defined() ? prepared : prepared + linear(beside, columns.beside);
}

Tensor RnnSeq2Seq::run_cells(const State& state, Tensor input_product, State& next) const {
  const std::size_t parts = states(config().cell);
  Tensor top;  // [B, H]
  for (std::size_t layer = 0; layer < decoder.size(); ++layer) {
    Tensor below;
    if (layer > 0) {
      below = dropout.forward(top);
      input_product = decoder[layer]->input_product(below);
    }
    const auto begin = state.begin() + static_cast<std::ptrdiff_t>(layer * parts);
    const State own = decoder[layer]->step(
        input_product, State(begin, begin + static_cast<std::ptrdiff_t>(parts)));
    next.insert(next.end(), own.begin(), own.end());
    top = config().residual && layer > 0 ? own[0] + below : own[0];
  }
  return top;
}

RnnSeq2Seq::Advance RnnSeq2Seq::advance(const Memory& memory, const State& state,
                                        const Tensor& prepared, const Tensor& rows,
                                        const Columns& columns) const {
  Advance next;
  const auto attend = [&](const Tensor& query) {
    const nn::AttentionOutput attended =
        attention->forward(query, memory.keys, memory.values, memory.padding, rows);
    next.context = attended.context;
    next.attention = attended.weights;
  };
  const std::size_t top = (decoder.size() - 1) * states(config().cell);  // h of the topmost layer
  if (memory.context.defined()) {
    next.context = rows.defined() ? index_select(memory.context, 0, rows) : memory.context;
  } else if (attention && !combine) {
    attend(state[top]);
  }
  const Tensor beside = config().input_feeding ? state.back() : next.context;
  next.output = run_cells(state, first_product(memory, prepared, beside, columns), next.state);
  if (combine) {
    attend(next.output);
    next.output = tanh(combine->forward(cat({next.context, next.output}, 1)));  // [B, H]
  }
  if (config().input_feeding) {
    next.state.push_back(next.output);
  }
  return next;
}

Tensor RnnSeq2Seq::concat_features(const Tensor& o, const Tensor& c, const Tensor& y) const {
  if (config().readout == Readout::state) {
    return o;
  }
  return c.defined() ? cat({o, c, y}, -1) : cat({o, y}, -1);
}

RnnSeq2Seq::Step RnnSeq2Seq::step(const Memory& memory, const State& state, const Tensor& tokens,
                                  const Tensor& rows) const {
  return step(memory, state, tokens, rows, {});
}

RnnSeq2Seq::Step RnnSeq2Seq::step(const Memory& memory, const State& state, const Tensor& tokens,
                                  const Tensor& rows, const Columns& columns) const {
  const Tensor embedded = dropout.forward(target_embedding.forward(tokens));  // [N, E]
  const Advance next = advance(memory, state, prepare(memory, embedded, columns), rows, columns);
  return {concat_features(next.output, next.context, embedded), next.state, next.attention};
}

Tensor RnnSeq2Seq::teach(const Memory& memory, const Tensor& target_in) const {
  const Tensor embedded = dropout.forward(target_embedding.forward(target_in));  // [T, B, E]
  const Columns parts = columns();
  std::vector<Tensor> outputs;
  std::vector<Tensor> contexts;
  State state = start(memory);
  for (const Tensor& prepared : unbind(prepare(memory, embedded, parts))) {  // T of [B, ...]
    const PathScope step(std::ssize(outputs));
    const Advance next = advance(memory, state, prepared, {}, parts);
    state = next.state;
    outputs.push_back(next.output);
    contexts.push_back(next.context);
  }
  const bool has_context = contexts[0].defined();
  return concat_features(stack(outputs), has_context ? stack(contexts) : Tensor(),
                         embedded);  // [T, B, F]
}

Tensor RnnSeq2Seq::features(const data::Batch& batch, TeacherForcing forcing) const {
  const Memory memory = encode(batch.source, batch.source_lengths);
  Feeder feeder(batch.target_in, forcing);
  if (forcing.ratio == 1) {
    return teach(memory, batch.target_in);
  }
  const Columns parts = columns();
  std::vector<Tensor> all;
  Tensor logits;  // [B, V], of the step before
  State state = start(memory);
  for (std::size_t t = 0; t < feeder.steps(); ++t) {
    const PathScope at(static_cast<std::int64_t>(t));
    const Step next = step(memory, state, feeder.next(logits), {}, parts);
    all.push_back(next.features);
    state = next.state;
    const NoGradGuard guard;  // only the feeder needs them
    logits = t + 1 < feeder.steps() ? project(next.features) : Tensor();
  }
  return stack(all);  // [T, B, F]
}

Tensor RnnSeq2Seq::readout(const Tensor& features) const {
  const Tensor x = dropout.forward(features);
  if (config().readout == Readout::maxout) {
    const Tensor u = deep->forward(x);  // [..., 2E]
    Shape pairs = u.shape();
    pairs.back() /= 2;
    pairs.push_back(2);
    return max(reshape(u, pairs), -1);  // [..., E]
  }
  return deep ? tanh(deep->forward(x)) : x;
}

Tensor RnnSeq2Seq::project(const Tensor& features) const {
  return output->forward(readout(features));
}

std::unique_ptr<Session> RnnSeq2Seq::open(const data::SourceBatch& batch) const {
  return std::make_unique<RnnSession>(*this, batch);
}

Tensor RnnSeq2Seq::forward(const data::Batch& batch, TeacherForcing forcing) const {
  const nn::Forward call(*this);
  return call.output(project(features(batch, forcing)));
}

Tensor RnnSeq2Seq::loss(const data::Batch& batch, TeacherForcing forcing, Reduction reduction,
                        double label_smoothing) const {
  const nn::Forward call(*this);
  const Tensor x = readout(features(batch, forcing));  // [T, B, R]
  const nn::Forward last(*output);
  return linear_cross_entropy(reshape(x, {-1, x.size(-1)}), output->weight, output->bias,
                              reshape(batch.target_out, {-1}), data::kPad, reduction,
                              label_smoothing);
}

}  // namespace weft::models
