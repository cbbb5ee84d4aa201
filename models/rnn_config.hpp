#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "autograd/ops.hpp"
#include "models/config.hpp"

namespace weft::models {

/// The recurrent cell of encoder and decoder.
enum class Cell {
  rnn,       ///< Elman's, with tanh
  rnn_relu,  ///< the same with relu
  gru,
  lstm,
};
/// The names of the cells.
constexpr auto names_of(Cell) {
  return name_table<Cell>(
      "cell",
      {{Cell::rnn, "rnn"}, {Cell::rnn_relu, "rnn_relu"}, {Cell::gru, "gru"}, {Cell::lstm, "lstm"}});
}

/// How a query is scored against the encoder's states (equations in nn/attention.cpp); `none`: the
/// decoder sees no more than what the encoder hands over at the end.
enum class AttentionKind { none, dot, scaled_dot, general, additive };
/// The names of the ways to score.
constexpr auto names_of(AttentionKind) {
  return name_table<AttentionKind>("attention", {{AttentionKind::none, "none"},
                                                 {AttentionKind::dot, "dot"},
                                                 {AttentionKind::scaled_dot, "scaled_dot"},
                                                 {AttentionKind::general, "general"},
                                                 {AttentionKind::additive, "additive"}});
}

/// Which state of the decoder asks, and so where the context goes.
enum class Query {
  previous,  ///< s_{t-1}; the context is part of the cell's input (Bahdanau et al. 2015)
  current,   ///< s_t; the context goes with it into the attentional state (Luong et al. 2015)
};
/// The names of these states.
constexpr auto names_of(Query) {
  return name_table<Query>("query", {{Query::previous, "previous"}, {Query::current, "current"}});
}

/// What the logits are computed from: the state alone; [state; context; embedding]; or a layer over
/// the latter, of tanh units or of maxout units.
enum class Readout { state, full, deep, maxout };
/// The names of the readouts.
constexpr auto names_of(Readout) {
  return name_table<Readout>("readout", {{Readout::state, "state"},
                                         {Readout::full, "full"},
                                         {Readout::deep, "deep"},
                                         {Readout::maxout, "maxout"}});
}

/// How the decoder's first state is made from what the encoder leaves.
enum class Bridge {
  last,   ///< its last states as they are (an encoder of one direction)
  mean,   ///< a tanh layer over the mean of its outputs
  dense,  ///< a tanh layer over its last states, or over the fixed context
  zero,   ///< 0
};
/// The names of the bridges.
constexpr auto names_of(Bridge) {
  return name_table<Bridge>("bridge", {{Bridge::last, "last"},
                                       {Bridge::mean, "mean"},
                                       {Bridge::dense, "dense"},
                                       {Bridge::zero, "zero"}});
}

/// Everything that decides the shape and the equations of a recurrent model (rnn_seq2seq.hpp).
struct RnnConfig : FamilyConfig<RnnConfig> {
  /// That of bahdanau2015.
  RnnConfig() { preset = "bahdanau2015"; }

  Cell cell = data::option(&cell, "cell", Cell::gru, "recurrent cell of encoder and decoder");
  std::int64_t layers =
      data::option(&layers, "layers", 1, {1, 64}, "of the encoder and of the decoder");
  bool bidirectional =
      data::option(&bidirectional, "bidirectional", true, "the encoder reads both ways");
  bool reverse_source = data::option(&reverse_source, "reverse-source", false,
                                     "an encoder of one direction reads from the end");
  bool residual = data::option(&residual, "residual", false,
                               "adds a layer's input to its output, from the second layer on");
  /// E.
  std::int64_t emb = data::option(&emb, "emb", 256, {1, kMaxSize}, "size of an embedding");
  /// H.
  std::int64_t hidden =
      data::option(&hidden, "hidden", 512, {1, kMaxSize}, "size of a state, in each direction");
  /// On embeddings, between layers, on what the readout sees.
  double dropout =
      data::option(&dropout, "dropout", 0, {0, 0.99}, "probability that a feature is dropped");
  Bridge bridge =
      data::option(&bridge, "bridge", Bridge::dense,
                   "the decoder's first state: the encoder's last one, or a layer over it "
                   "(dense) or over the mean of all");
  /// Dot products need D = H.
  AttentionKind attention = data::option(&attention, "attention", AttentionKind::additive,
                                         "how source states are scored");
  Energy energy = data::option(&energy, "energy", Energy::tanh, "of the additive attention");
  Query query = data::option(&query, "query", Query::previous,
                             "the decoder's state that asks: before the step or after it");
  bool input_feeding =
      data::option(&input_feeding, "input-feeding", false,
                   "the decoder reads its last attentional state; with --query current");
  bool fixed_context =
      data::option(&fixed_context, "fixed-context", false,
                   "without attention: the decoder reads one context at every step");
  Readout readout =
      data::option(&readout, "readout", Readout::deep,
                   "logits from the state; or with context and embedding; or a layer of "
                   "tanh or maxout over them");
  bool tie_embeddings =
      data::option(&tie_embeddings, "tie-embeddings", false,
                   "one table for output and target, and source with a joint vocabulary");

  void check() const override;

 private:
  static constexpr std::int64_t kMaxSize = 65536;
};

/// The presets of recurrent models, each named after a paper, `bahdanau2015` first; `tutorial` is
/// the usual PyTorch tutorial's model, batched and masked.
std::span<const std::string_view> rnn_preset_names();

/// The configuration of a preset, vocabularies empty. Throws Error, with "did you mean", for an
/// unknown name.
RnnConfig rnn_preset(std::string_view name);

}  // namespace weft::models
