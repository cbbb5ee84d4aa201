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
  rnn,       ///< Elman's RNN, with tanh
  rnn_relu,  ///< the same with relu
  gru,
  lstm,
};
/// Their names.
constexpr auto names_of(Cell) {
  return name_table<Cell>(
      "cell",
      {{Cell::rnn, "rnn"}, {Cell::rnn_relu, "rnn_relu"}, {Cell::gru, "gru"}, {Cell::lstm, "lstm"}});
}

/// The attention score function (equations in nn/attention.cpp). With `none`, the decoder sees only
/// the encoder's final state.
enum class AttentionKind { none, dot, scaled_dot, general, additive };
/// Their names.
constexpr auto names_of(AttentionKind) {
  return name_table<AttentionKind>("attention", {{AttentionKind::none, "none"},
                                                 {AttentionKind::dot, "dot"},
                                                 {AttentionKind::scaled_dot, "scaled_dot"},
                                                 {AttentionKind::general, "general"},
                                                 {AttentionKind::additive, "additive"}});
}

/// The decoder state that is the attention query. It determines where the context is used.
enum class Query {
  previous,  ///< s_{t-1}; the context is part of the cell's input (Bahdanau et al. 2015)
  current,   ///< s_t; both form the attentional state (Luong et al. 2015)
};
/// Their names.
constexpr auto names_of(Query) {
  return name_table<Query>("query", {{Query::previous, "previous"}, {Query::current, "current"}});
}

/// What the logits are computed from: the state; [state; context; embedding] (full); or a layer of
/// tanh (deep) or maxout units over the latter.
enum class Readout { state, full, deep, maxout };
/// Their names.
constexpr auto names_of(Readout) {
  return name_table<Readout>("readout", {{Readout::state, "state"},
                                         {Readout::full, "full"},
                                         {Readout::deep, "deep"},
                                         {Readout::maxout, "maxout"}});
}

/// How the initial decoder state is computed from the encoder's result.
enum class Bridge {
  last,   ///< the last states themselves (unidirectional encoder)
  mean,   ///< a tanh layer over the mean of the outputs
  dense,  ///< a tanh layer over the last states, or over the fixed context
  zero,   ///< 0
};
/// Their names.
constexpr auto names_of(Bridge) {
  return name_table<Bridge>("bridge", {{Bridge::last, "last"},
                                       {Bridge::mean, "mean"},
                                       {Bridge::dense, "dense"},
                                       {Bridge::zero, "zero"}});
}

/// Configuration of a recurrent model (rnn_seq2seq.hpp).
struct RnnConfig : FamilyConfig<RnnConfig> {
  /// That of bahdanau2015.
  RnnConfig() { preset = "bahdanau2015"; }

  Cell cell =
      data::option(&cell, "cell", Cell::gru, "recurrent cell of the encoder and the decoder");
  std::int64_t layers =
      data::option(&layers, "layers", 1, {1, 64}, "layers in the encoder, and in the decoder");
  bool bidirectional = data::option(&bidirectional, "bidirectional", true, "bidirectional encoder");
  bool reverse_source =
      data::option(&reverse_source, "reverse-source", false,
                   "feed the source in reverse order; unidirectional encoders only");
  bool residual =
      data::option(&residual, "residual", false, "residual connections from the second layer on");
  /// E.
  std::int64_t emb = data::option(&emb, "emb", 256, {1, kMaxSize}, "embedding size");
  /// H.
  std::int64_t hidden =
      data::option(&hidden, "hidden", 512, {1, kMaxSize}, "hidden size, per direction");
  /// Applied to embeddings, between layers, and to the input of the readout.
  double dropout = data::option(&dropout, "dropout", 0, {0, 0.99}, "dropout probability");
  Bridge bridge =
      data::option(&bridge, "bridge", Bridge::dense,
                   "initial decoder state: the last encoder state (last), a dense layer applied to "
                   "the mean of all (mean) or to the last (dense), or zeros (zero)");
  /// Dot products need D = H.
  AttentionKind attention =
      data::option(&attention, "attention", AttentionKind::additive, "attention score function");
  Energy energy =
      data::option(&energy, "energy", Energy::tanh, "activation of the additive attention");
  Query query =
      data::option(&query, "query", Query::previous,
                   "decoder state that attends: before the step (previous) or after it (current)");
  bool input_feeding =
      data::option(&input_feeding, "input-feeding", false,
                   "feed the attentional state to the next step; needs --query current");
  bool fixed_context =
      data::option(&fixed_context, "fixed-context", false,
                   "without attention: the decoder reads the context vector at every step");
  Readout readout = data::option(&readout, "readout", Readout::deep,
                                 "what the logits are computed from: the state; the state, context "
                                 "and embedding (full); a tanh (deep) or maxout layer over those");
  bool tie_embeddings = data::option(&tie_embeddings, "tie-embeddings", false,
                                     "share the target embedding with the output layer, and with "
                                     "the source if the vocabulary is joint");

  void check() const override;

 private:
  static constexpr std::int64_t kMaxSize = 65536;
};

/// The presets of recurrent models, named after papers, `bahdanau2015` first. `tutorial` is the
/// model of the common PyTorch tutorial, batched and masked.
std::span<const std::string_view> rnn_preset_names();

/// The configuration of a preset, without vocabulary sizes. Throws Error, with "did you mean", for
/// an unknown name.
RnnConfig rnn_preset(std::string_view name);

}  // namespace weft::models
