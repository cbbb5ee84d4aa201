#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/seq2seq.hpp"
#include "nn/attention.hpp"
#include "nn/dropout.hpp"
#include "nn/embedding.hpp"
#include "nn/gru.hpp"
#include "nn/linear.hpp"

namespace weft::models {

/// GRU encoder, additive attention, GRU decoder (equations in rnn_seq2seq.cpp). Its parameters:
///
///     source_embedding.weight [Vs, E]      target_embedding.weight [Vt, E]
///     encoder.weight_ih_l0 ...             the names of a PyTorch GRU
///     bridge_l0.weight, .bias              H from the encoder's directions (Bridge::dense)
///     attention.query.weight, .key.weight, .key.bias, .v
///     decoder_l0.weight_ih, .weight_hh, .bias_ih, .bias_hh
///     deep.weight, .bias                   E from [H; D; E] (Readout::deep)
///     output.weight, .bias                 V
class RnnSeq2Seq : public Seq2Seq {
 public:
  /// Throws Error unless `validate` accepts the configuration.
  explicit RnnSeq2Seq(const ModelConfig& config);

  /// Parameters, with their shapes, from which the size of every other one follows: a file that has
  /// them is not much smaller than the model.
  static std::vector<std::pair<std::string, Shape>> key_shapes(const ModelConfig& config);

  Memory encode(const Tensor& source, const Tensor& lengths) const override;
  State start(const Memory& memory) const override;
  Step step(const Memory& memory, const State& state, const Tensor& tokens) const override;
  Tensor project(const Tensor& features) const override;
  /// Forward hooks of `output` are not called, nor an override of `project`.
  Tensor cross_entropy(const Tensor& features, const Tensor& targets,
                       Reduction reduction) const override;
  Tensor teach(const Memory& memory, const Tensor& target_in) const override;

  nn::Embedding source_embedding;  ///< [S, B] -> [S, B, E]; zero at kPad
  nn::Embedding target_embedding;  ///< [...] -> [..., E]; zero at kPad
  nn::GRU encoder;                 ///< [S, B, E] -> [S, B, D]; D is 2H for both directions, else H
  std::vector<std::unique_ptr<nn::Linear>> bridge;  ///< one a layer; none for Bridge::copy
  nn::AdditiveAttention attention;  ///< the query is the topmost state [B, H]; A = H
  std::vector<std::unique_ptr<nn::GRUCell>> decoder;  ///< one a layer
  std::unique_ptr<nn::Linear> deep;                   ///< for Readout::deep
  nn::Linear output;    ///< to logits, from E (deep), F = H + D + E (full) or F = H (state)
  nn::Dropout dropout;  ///< on embeddings, features and between the decoder's layers

 private:
  struct Advance {
    State state;
    Tensor context;    // [B, D]
    Tensor attention;  // [S, B]
  };
  /// One step of attention and cells, given what `prepare` made of the previous token.
  Advance advance(const Memory& memory, const State& state, const Tensor& prepared) const;
  /// The embedding's part of the first cell's input product, [..., E] -> [..., 3H], if its weight
  /// stands apart in the memory; else the embedding.
  Tensor prepare(const Memory& memory, const Tensor& embedded) const;
  /// [..., F] -> what `output` takes.
  Tensor readout(const Tensor& features) const;
  /// What the readout sees: [..., H], [..., D], [..., E] -> [..., F].
  Tensor join(const Tensor& state, const Tensor& context, const Tensor& embedded) const;
};

}  // namespace weft::models
