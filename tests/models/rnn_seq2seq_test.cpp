#include "models/rnn_seq2seq.hpp"

#include <algorithm>

#include "autograd/engine.hpp"
#include "data/text/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/models/by_hand.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

using Names = std::vector<std::string>;

std::unique_ptr<Seq2Seq> double_model(const ModelConfig& config) {
  manual_seed(7);
  std::unique_ptr<Seq2Seq> model = make_model(config);
  model->to(DType::float64);
  return model;
}

Names parameter_names(const Seq2Seq& model) {
  Names names;
  for (const auto& [name, tensor] : model.named_parameters()) {
    names.push_back(name);
  }
  return names;
}

// The features of T calls of `step`.
Tensor step_by_step(const RnnSeq2Seq& model, const RnnSeq2Seq::Memory& memory,
                    const Tensor& target_in) {
  std::vector<Tensor> features;
  RnnSeq2Seq::State state = model.start(memory);
  for (const Tensor& tokens : unbind(target_in)) {
    const RnnSeq2Seq::Step next = model.step(memory, state, tokens);
    features.push_back(next.features);
    state = next.state;
  }
  return stack(features);
}

Tensor step_of(const nn::RecurrentCell& cell, const Tensor& x, const Tensor& h) {
  return cell.step(cell.input_product(x), {h})[0];
}

TEST_CASE("teach equals a call of step for every token") {
  const data::Batch batch = tiny_batch();
  for (const auto& [name, config] : tiny_variants()) {
    INFO(name);
    const std::unique_ptr<Seq2Seq> made = double_model(config);
    const RnnSeq2Seq& model = recurrent(*made);
    const RnnSeq2Seq::Memory memory = model.encode(batch.source, batch.source_lengths);
    const Tensor taught = model.teach(memory, batch.target_in);
    const Tensor stepped = step_by_step(model, memory, batch.target_in);
    REQUIRE(taught.shape() == stepped.shape());
    CHECK(distance(taught, stepped) < 1e-13);
    CHECK(model.project(taught).shape() == Shape{5, 3, 11});
  }
}

TEST_CASE("the logits are those of the equations worked out by hand") {
  const data::Batch batch = tiny_batch();
  const std::vector<data::SentencePair> pairs = tiny_pairs();
  for (const auto& [name, config] : tiny_variants()) {
    const bool attends_before = config.preset == "bahdanau2015" || config.preset == "tutorial";
    if (config.layers > 1 || !attends_before || config.readout == Readout::maxout) {
      continue;  // tests/interop compares the others with PyTorch
    }
    INFO(name);
    const std::unique_ptr<Seq2Seq> model = double_model(config);
    const Tensor logits = model->forward(batch);  // [T, B, V]
    const by_hand::Model by_hand(*model);
    for (std::size_t b = 0; b < pairs.size(); ++b) {
      std::vector<std::int64_t> target_in = {data::kBos};
      target_in.insert(target_in.end(), pairs[b].target.begin(), pairs[b].target.end());
      const auto expected = by_hand.logits(pairs[b].source, target_in);
      for (std::size_t t = 0; t < expected.size(); ++t) {
        const Tensor own = unbind(unbind(logits)[t])[b];  // [V]
        CHECK(distance(own, tensor(expected[t], {11})) < 1e-12);
      }
    }
  }
}

TEST_CASE("a decoder of several layers asks with the topmost state and feeds it from below") {
  for (const std::string preset_name : {"bahdanau2015", "tutorial"}) {
    INFO(preset_name);
    const RnnConfig config = tiny_config(preset_name, 2);
    const auto made = double_model(config);
    const RnnSeq2Seq& model = recurrent(*made);
    const data::Batch batch = tiny_batch();
    const RnnSeq2Seq::Memory memory = model.encode(batch.source, batch.source_lengths);
    const RnnSeq2Seq::State state = model.start(memory);
    REQUIRE(state.size() == 2);
    const Tensor tokens = unbind(batch.target_in)[1];
    const RnnSeq2Seq::Step next = model.step(memory, state, tokens);

    const nn::AttentionOutput attended =
        model.attention->forward(state[1], memory.keys, memory.values, memory.padding);
    const Tensor y = model.target_embedding.forward(tokens);
    const Tensor below = step_of(*model.decoder[0], cat({y, attended.context}, 1), state[0]);
    const Tensor above = step_of(*model.decoder[1], below, state[1]);
    CHECK(distance(next.attention, attended.weights) < 1e-14);
    CHECK(distance(next.state[0], below) < 1e-14);
    CHECK(distance(next.state[1], above) < 1e-14);
  }
}

TEST_CASE("the decoder begins with the encoder's last states") {
  const data::Batch batch = tiny_batch();
  SECTION("as they are in the tutorial's model") {
    const auto made = double_model(tiny_config("tutorial", 2));
    const RnnSeq2Seq& model = recurrent(*made);
    const RnnSeq2Seq::Memory memory = model.encode(batch.source, batch.source_lengths);
    const nn::RecurrentOutput encoded =
        model.encoder->run(model.source_embedding->forward(batch.source), batch.source_lengths);
    CHECK(distance(stack(model.start(memory)), encoded.final[0]) == 0);
  }
  SECTION("through a layer over both directions in the paper's") {
    const auto made = double_model(tiny_config("bahdanau2015", 2));
    const RnnSeq2Seq& model = recurrent(*made);
    const RnnSeq2Seq::Memory memory = model.encode(batch.source, batch.source_lengths);
    const nn::RecurrentOutput encoded =
        model.encoder->run(model.source_embedding->forward(batch.source), batch.source_lengths);
    const std::vector<Tensor> last =
        unbind(encoded.final[0]);  // both directions of layer 0, then of layer 1
    const RnnSeq2Seq::State state = model.start(memory);
    for (std::size_t layer = 0; layer < 2; ++layer) {
      const Tensor both = cat({last[2 * layer], last[2 * layer + 1]}, 1);
      CHECK(distance(state[layer], tanh(model.bridge[layer]->forward(both))) < 1e-14);
    }
  }
}

TEST_CASE("attention weights sum to one over the real tokens and are zero at padding") {
  const data::Batch batch = tiny_batch();
  for (const auto& [name, config] : tiny_variants()) {
    INFO(name);
    const auto made = double_model(config);
    const RnnSeq2Seq& model = recurrent(*made);
    const RnnSeq2Seq::Memory memory = model.encode(batch.source, batch.source_lengths);
    const RnnSeq2Seq::Step next =
        model.step(memory, model.start(memory), unbind(batch.target_in)[0]);
    if (config.attention == AttentionKind::none) {
      CHECK_FALSE(next.attention.defined());
      continue;
    }
    REQUIRE(next.attention.shape() == Shape{4, 3});
    CHECK(distance(sum(next.attention, {0}), ones({3}, DType::float64)) < 1e-14);
    const std::vector<double> weights = next.attention.to_vector<double>();
    const std::vector<std::int64_t> lengths = batch.source_lengths.to_vector<std::int64_t>();
    for (std::size_t s = 0; s < 4; ++s) {
      for (std::size_t b = 0; b < 3; ++b) {
        const bool real = s < static_cast<std::size_t>(lengths[b]);
        CHECK((weights[s * 3 + b] > 0) == real);
      }
    }
  }
}

TEST_CASE("a sentence gives the same logits alone and in a batch") {
  const std::vector<data::SentencePair> pairs = tiny_pairs();
  for (const auto& [name, config] : tiny_variants()) {
    INFO(name);
    const auto model = double_model(config);
    const std::vector<Tensor> together = unbind(model->forward(tiny_batch()), 1);  // B of [T, V]
    for (std::size_t b = 0; b < pairs.size(); ++b) {
      const data::Batch alone = data::make_batch(pairs, {static_cast<std::int64_t>(b)});
      const Tensor own = unbind(model->forward(alone), 1)[0];  // [its T, V]
      CHECK(distance(own, narrow(together[b], 0, 0, own.size(0))) < 1e-13);
    }
  }
}

TEST_CASE("every parameter is part of the loss") {
  for (auto& [variant, config] : tiny_variants()) {
    INFO(variant);
    config.hidden =
        24;  // with only a few relu units, all of them may be active: softmax then hides them
    const auto model = double_model(config);
    model->loss(tiny_batch()).backward();
    for (const auto& [name, tensor] : model->named_parameters()) {
      INFO(name);
      REQUIRE(tensor.grad().defined());
      CHECK(distance(tensor.grad(), zeros_like(tensor)) > 1e-12);
    }
  }
}

TEST_CASE("parameters have the names that checkpoints hold") {
  const Names common = {"source_embedding.weight", "target_embedding.weight"};
  const Names encoder = {"encoder.weight_ih_l0", "encoder.weight_hh_l0", "encoder.bias_ih_l0",
                         "encoder.bias_hh_l0"};
  const Names reverse = {"encoder.weight_ih_l0_reverse", "encoder.weight_hh_l0_reverse",
                         "encoder.bias_ih_l0_reverse", "encoder.bias_hh_l0_reverse"};
  const Names attention = {"attention.v", "attention.query.weight", "attention.key.weight",
                           "attention.key.bias"};
  const Names decoder = {"decoder_l0.weight_ih", "decoder_l0.weight_hh", "decoder_l0.bias_ih",
                         "decoder_l0.bias_hh"};
  const auto joined = [](const std::vector<Names>& parts) {
    Names all;
    for (const Names& part : parts) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  };
  CHECK(parameter_names(*make_model(tiny_config("bahdanau2015"))) ==
        joined({common,
                encoder,
                reverse,
                {"bridge_l0.weight", "bridge_l0.bias"},
                attention,
                decoder,
                {"deep.weight", "deep.bias", "output.weight", "output.bias"}}));
  CHECK(parameter_names(*make_model(tiny_config("tutorial"))) ==
        joined({common, encoder, attention, decoder, {"output.weight", "output.bias"}}));
  const Names two_layers = parameter_names(*make_model(tiny_config("bahdanau2015", 2)));
  for (const std::string name :
       {"encoder.weight_hh_l1_reverse", "bridge_l1.bias", "decoder_l1.weight_ih"}) {
    CHECK(std::ranges::count(two_layers, name) == 1);
  }
}

// The vocabularies of Multi30k with a minimum frequency of 2.
TEST_CASE("the reference model has the number of parameters that its equations say") {
  const std::int64_t Vs = 5921;
  const std::int64_t Vt = 7859;
  const std::int64_t E = 256;
  const std::int64_t H = 512;
  const std::int64_t D = 2 * H;
  const std::int64_t F = H + D + E;
  const std::int64_t without_readout = (Vs + Vt) * E                           // embeddings
                                       + 2 * (3 * H * E + 3 * H * H + 6 * H)   // encoder
                                       + D * H + H                             // bridge
                                       + H * H + H * D + H + H                 // attention
                                       + 3 * H * (E + D) + 3 * H * H + 6 * H;  // decoder
  RnnConfig config = rnn_preset("bahdanau2015");
  config.source_vocab = Vs;
  config.target_vocab = Vt;

  const std::int64_t deep = make_model(config)->num_parameters();
  CHECK(deep == without_readout + F * E + E + E * Vt + Vt);
  CHECK(deep == 12'439'731);

  config.readout = Readout::full;
  const std::int64_t full = make_model(config)->num_parameters();
  CHECK(full == without_readout + F * Vt + Vt);
  CHECK(full == 24'052'147);
}

TEST_CASE("the tutorial draws v from (0, 1), the paper's preset on both sides of 0") {
  RnnConfig config = tiny_config("tutorial");
  config.hidden = 400;
  const auto v_of = [](const RnnConfig& c) {
    const auto model = make_model(c);
    return dynamic_cast<const nn::AdditiveAttention&>(
               *dynamic_cast<const RnnSeq2Seq&>(*model).attention)
        .v.to_vector<float>();
  };
  manual_seed(1);
  const std::vector<float> v = v_of(config);
  CHECK(*std::ranges::min_element(v) >= 0);
  CHECK(*std::ranges::min_element(v) < 0.1);
  CHECK(*std::ranges::max_element(v) <= 1);
  CHECK(*std::ranges::max_element(v) > 0.9);
  const std::vector<float> of_paper = v_of(tiny_config("bahdanau2015"));
  CHECK(*std::ranges::min_element(of_paper) < 0);
}

TEST_CASE("tied embeddings are one table, of both sides with a joint vocabulary") {
  RnnConfig config = tiny_config("bahdanau2015");
  config.tie_embeddings = true;
  const Names of_target = parameter_names(*make_model(config));
  CHECK(std::ranges::count(of_target, "source_embedding.weight") == 1);
  CHECK(std::ranges::count(of_target, "output.weight") == 0);
  config.joint_vocab = true;
  config.source_vocab = config.target_vocab;
  const auto made = double_model(config);
  const RnnSeq2Seq& model = recurrent(*made);
  CHECK(std::ranges::count(parameter_names(model), "source_embedding.weight") == 0);
  CHECK(identical(model.output->weight, model.target_embedding.weight));

  // The gradient of the tied table is the sum of the gradients that three tables would have.
  const data::Batch batch = tiny_batch();
  const Tensor tied = grad({model.loss(batch)}, {model.target_embedding.weight})[0];
  config.tie_embeddings = false;
  const auto apart = double_model(config);
  nn::NamedTensors state = model.state();
  state.emplace_back("source_embedding.weight", model.target_embedding.weight.detach());
  state.emplace_back("output.weight", model.target_embedding.weight.detach());
  apart->load_state(state);
  const RnnSeq2Seq& three = recurrent(*apart);
  const std::vector<Tensor> parts =
      grad({three.loss(batch)},
           {three.source_embedding->weight, three.target_embedding.weight, three.output->weight});
  CHECK(distance(tied, parts[0] + parts[1] + parts[2]) < 1e-14);
}

TEST_CASE("a reversed source is read from its own end, and attended to in its own order") {
  RnnConfig config = tiny_config("luong2015", 2);
  const auto backward = double_model(config);
  config.reverse_source = false;
  const auto forward = double_model(config);
  const data::Batch batch = tiny_batch();
  std::vector<data::SentencePair> pairs = tiny_pairs();
  for (data::SentencePair& pair : pairs) {
    std::ranges::reverse(pair.source);
  }
  const data::Batch reversed = data::make_batch(pairs, {0, 1, 2});
  CHECK(distance(backward->forward(batch), forward->forward(reversed)) < 1e-14);
  const auto weights = [&](const Seq2Seq& any, const data::Batch& of) {
    const RnnSeq2Seq& model = recurrent(any);
    const RnnSeq2Seq::Memory memory = model.encode(of.source, of.source_lengths);
    return model.step(memory, model.start(memory), unbind(of.target_in)[0]).attention;  // [S, B]
  };
  const Tensor a = unbind(weights(*backward, batch), 1)[0];
  CHECK(distance(a, flip(unbind(weights(*forward, reversed), 1)[0], 0)) < 1e-14);
}

TEST_CASE("input feeding hands the attentional state on") {
  const auto made = double_model(tiny_config("luong2015", 1));
  const RnnSeq2Seq& model = recurrent(*made);
  const data::Batch batch = tiny_batch();
  const RnnSeq2Seq::Memory memory = model.encode(batch.source, batch.source_lengths);
  const RnnSeq2Seq::State state = model.start(memory);
  REQUIRE(state.size() == 3);  // h, c, o
  CHECK(distance(state[2], zeros_like(state[2])) == 0);
  const Tensor tokens = unbind(batch.target_in)[1];
  const RnnSeq2Seq::Step first = model.step(memory, state, tokens);
  CHECK(distance(first.state[2], first.features) == 0);
  RnnSeq2Seq::State without = first.state;
  without[2] = zeros_like(without[2]);
  CHECK(distance(model.step(memory, first.state, tokens).features,
                 model.step(memory, without, tokens).features) > 1e-3);
}

// The parameters that are checked before a model is made must be about as large as the model.
// Otherwise a small file that only claims to hold a model could exhaust the memory.
TEST_CASE("no parameter is much larger than those that a file is checked for") {
  for (auto& [name, config] : tiny_variants()) {
    INFO(name);
    for (const auto& [vocab, hidden] : {std::pair{500, 2}, std::pair{500, 40}}) {
      RnnConfig large = config;
      large.source_vocab = large.target_vocab = vocab;
      large.emb = large.readout == Readout::state && large.tie_embeddings ? hidden : 1;
      large.hidden = hidden;
      std::int64_t keys = 0;
      for (const auto& [key, shape] : RnnSeq2Seq::key_shapes(large)) {
        keys += numel(shape);
      }
      CHECK(make_model(large)->num_parameters() <= 8 * keys);
    }
  }
}

TEST_CASE("dropout works in training alone") {
  RnnConfig config = tiny_config("bahdanau2015", 2);
  config.dropout = 0.4;
  const auto model = double_model(config);
  const data::Batch batch = tiny_batch();
  const auto loss = [&](std::uint64_t seed) {
    manual_seed(seed);
    return model->loss(batch).item();
  };
  CHECK(loss(1) == loss(1));
  CHECK(loss(1) != loss(2));
  model->eval();
  CHECK(loss(1) == loss(2));
  const double of_eval = loss(1);
  config.dropout = 0;
  CHECK(double_model(config)->loss(batch).item() == of_eval);
}

}  // namespace
}  // namespace weft::models
