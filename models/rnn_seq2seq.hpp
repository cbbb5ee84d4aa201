#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/rnn_config.hpp"
#include "models/seq2seq.hpp"
#include "nn/attention.hpp"
#include "nn/dropout.hpp"
#include "nn/embedding.hpp"
#include "nn/linear.hpp"
#include "nn/recurrent.hpp"

namespace weft::models {

/// Recurrent encoder, recurrent decoder, and what there may be between them (equations in
/// rnn_seq2seq.cpp). Its parameters, of which a configuration has those that it needs:
///
///     source_embedding.weight [Vs, E]      target_embedding.weight [Vt, E]
///     encoder.weight_ih_l0 ...             the names of a PyTorch RNN
///     context.weight, .bias                H from D (fixed_context)
///     bridge_l0.weight, .bias              H from what the bridge reads
///     bridge_c_l0.weight, .bias            the same for an LSTM's c
///     attention.query.weight ...           those of nn/attention.hpp
///     decoder_l0.weight_ih ...             those of a PyTorch cell
///     combine.weight                       H from [D; H] (Query::current)
///     deep.weight, .bias                   E from F (Readout::deep), or 2E (Readout::maxout)
///     output.weight, .bias                 V
///
/// Tied embeddings have no output.weight, and no source_embedding.weight with a joint vocabulary:
/// target_embedding.weight serves for them.
class RnnSeq2Seq : public Seq2Seq {
 public:
  /// Throws Error unless `validate` accepts the configuration.
  explicit RnnSeq2Seq(const RnnConfig& config);

  /// What it was made from.
  const RnnConfig& config() const { return static_cast<const RnnConfig&>(Seq2Seq::config()); }

  /// Parameters, with their shapes, from which the size of every other one follows: a file that has
  /// them is not much smaller than the model.
  static std::vector<std::pair<std::string, Shape>> key_shapes(const RnnConfig& config);

  Memory encode(const Tensor& source, const Tensor& lengths) const override;
  State start(const Memory& memory) const override;
  Step step(const Memory& memory, const State& state, const Tensor& tokens) const override;
  Tensor project(const Tensor& features) const override;
  /// Forward hooks of `output` are not called, nor an override of `project`.
  Tensor cross_entropy(const Tensor& features, const Tensor& targets, Reduction reduction,
                       double label_smoothing) const override;
  Tensor teach(const Memory& memory, const Tensor& target_in) const override;

  std::unique_ptr<nn::Embedding> source_embedding;  ///< null if it is the target's
  nn::Embedding target_embedding;                   ///< [...] -> [..., E]; zero at kPad
  /// [S, B, E] -> [S, B, D]; D is 2H for both directions, else H.
  std::unique_ptr<nn::RecurrentNetwork> encoder;
  std::unique_ptr<nn::Linear> context;              ///< for fixed_context
  std::vector<std::unique_ptr<nn::Linear>> bridge;  ///< one for each tensor of a state, or none
  std::unique_ptr<nn::Attention> attention;         ///< null for AttentionKind::none
  std::vector<std::unique_ptr<nn::RecurrentCell>> decoder;  ///< one a layer
  std::unique_ptr<nn::Linear> combine;  ///< to the attentional state, for Query::current
  std::unique_ptr<nn::Linear> deep;     ///< for Readout::deep and Readout::maxout
  std::unique_ptr<nn::Linear> output;   ///< to logits, from E (deep, maxout), F (full) or H (state)
  nn::Dropout dropout;  ///< on embeddings, features and between the decoder's layers

 private:
  struct Advance {
    State state;
    Tensor output;     // [B, H], what the readout sees of the decoder
    Tensor context;    // [B, D], or undefined
    Tensor attention;  // [S, B], or undefined
  };
  void add_bridge();
  /// The encoder's last h (and c) of each layer, both directions side by side, [B, D] each.
  State last_states(const nn::RecurrentOutput& encoded) const;
  /// What the bridge reads, for each tensor of a state [B, ...], given outputs [S, B, D] and, if
  /// there is one, the fixed context [B, H].
  State bridge_inputs(const Tensor& outputs, const Tensor& lengths, const State& last,
                      const Tensor& fixed) const;
  /// One step of attention and cells, given what `prepare` made of the previous token.
  Advance advance(const Memory& memory, const State& state, const Tensor& prepared) const;
  /// The decoder's layers: advances `next.state`, returns the topmost output [B, H].
  Tensor run_cells(const State& state, Tensor input_product, State& next) const;
  /// The embedding's part of the first cell's input product, [..., E] -> [..., G*H], if it stands
  /// apart; else the embedding.
  Tensor prepare(const Memory& memory, const Tensor& embedded) const;
  /// The first cell's input product [B, G*H], given what it reads beside the embedding.
  Tensor first_product(const Memory& memory, const Tensor& prepared, const Tensor& beside) const;
  /// [..., F] -> what `output` takes.
  Tensor readout(const Tensor& features) const;
  /// What the readout sees: o [..., H], c [..., D] (or undefined), y [..., E] -> [..., F].
  Tensor join(const Tensor& o, const Tensor& c, const Tensor& y) const;
};

}  // namespace weft::models
