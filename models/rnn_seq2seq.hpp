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

/// A recurrent encoder and decoder, with or without attention (equations in rnn_seq2seq.cpp). Its
/// parameters, of which a configuration has those that it needs:
///
///     source_embedding.weight [Vs, E]      target_embedding.weight [Vt, E]
///     source_projection.weight, .bias      E from F, for sources that are frames
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

  /// Its configuration.
  const RnnConfig& config() const { return static_cast<const RnnConfig&>(Seq2Seq::config()); }

  /// As Family::key_shapes (registry.hpp).
  static std::vector<std::pair<std::string, Shape>> key_shapes(const RnnConfig& config);

  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override;
  Tensor forward(const data::Batch& batch, TeacherForcing forcing = {}) const override;
  /// Does not call forward hooks of `output`.
  Tensor loss(const data::Batch& batch, TeacherForcing forcing = {},
              Reduction reduction = Reduction::mean, double label_smoothing = 0) const override;

  /// The result of the encoder.
  struct Memory {
    Tensor values;              ///< [S, B, D], encoder outputs; 0 at padding
    Tensor keys;                ///< [S, B, A], the outputs projected for attention
    Tensor padding;             ///< boolean [S, B], true at padding
    Tensor context;             ///< [B, H], the fixed context, if there is one
    std::vector<Tensor> final;  ///< inputs of the bridge, [B, ...] each
  };
  /// The decoder state: tensors [N, ...].
  using State = std::vector<Tensor>;
  /// The result of one decoder step.
  struct Step {
    Tensor features;   ///< [N, F], input of `project`
    State state;       ///< after the step
    Tensor attention;  ///< [S, N], attention weights; undefined without attention
  };

  /// source [S, B] (ids) or [S, B, F] (frames), lengths [B] -> memory.
  Memory encode(const Tensor& source, const Tensor& lengths) const;
  /// The state before the first step.
  State start(const Memory& memory) const;
  /// One step: the previous tokens [N] -> features, next state, attention. Row n is of sentence
  /// rows[n] (int64 [N]), or n if `rows` is undefined: many rows may share a sentence's memory.
  Step step(const Memory& memory, const State& state, const Tensor& tokens,
            const Tensor& rows = {}) const;
  /// The features of all steps with teacher forcing: [T, B] -> [T, B, F]. Equals T calls of `step`,
  /// but is faster.
  Tensor teach(const Memory& memory, const Tensor& target_in) const;
  /// features [..., F] -> logits [..., V].
  Tensor project(const Tensor& features) const;

  std::unique_ptr<nn::Embedding>
      source_embedding;                           ///< null if shared with the target, or for frames
  std::unique_ptr<nn::Linear> source_projection;  ///< F -> E, for frames; else null
  nn::Embedding target_embedding;                 ///< [...] -> [..., E]; zero at kPad
  /// [S, B, E] -> [S, B, D]; D is 2H for both directions, else H.
  std::unique_ptr<nn::RecurrentNetwork> encoder;
  std::unique_ptr<nn::Linear> context;                      ///< for fixed_context
  std::vector<std::unique_ptr<nn::Linear>> bridge;          ///< one per state tensor, or none
  std::unique_ptr<nn::Attention> attention;                 ///< null for AttentionKind::none
  std::vector<std::unique_ptr<nn::RecurrentCell>> decoder;  ///< one per layer
  std::unique_ptr<nn::Linear> combine;  ///< to the attentional state, for Query::current
  std::unique_ptr<nn::Linear> deep;     ///< for Readout::deep and Readout::maxout
  std::unique_ptr<nn::Linear> output;   ///< to logits, from E (deep, maxout), F (full) or H (state)
  nn::Dropout dropout;  ///< on embeddings, features and between the decoder's layers

 private:
  /// The columns of the first cell's weight_ih that multiply the embedding, all steps of a sequence
  /// in one product, and those for what stands beside it. A search takes the weight as it is,
  /// packed once for all sentences: then both are undefined.
  struct Columns {
    Tensor embedding;
    Tensor beside;
  };
  struct Advance {
    State state;
    Tensor output;     // [N, H], what the readout sees of the decoder
    Tensor context;    // [N, D], or undefined
    Tensor attention;  // [S, N], or undefined
  };
  void add_front();
  /// The encoder's front, which alone knows what a source is: tokens [S, B] or frames [S, B, F] ->
  /// [S, B, E].
  Tensor front(const Tensor& source) const;
  void add_bridge();
  /// The encoder's last h (and c) of each layer, both directions side by side, [B, D] each.
  State last_states(const nn::RecurrentOutput& encoded) const;
  /// What the bridge reads, for each tensor of a state [B, ...], given outputs [S, B, D] and, if
  /// there is one, the fixed context [B, H].
  State bridge_inputs(const Tensor& outputs, const Tensor& lengths, const State& last,
                      const Tensor& fixed) const;
  /// The features [T, B, F] of a batch, fed as `forcing` says.
  Tensor features(const data::Batch& batch, TeacherForcing forcing) const;
  Columns columns() const;
  Step step(const Memory& memory, const State& state, const Tensor& tokens, const Tensor& rows,
            const Columns& columns) const;
  /// One step of attention and cells, given what `prepare` made of the previous token.
  Advance advance(const Memory& memory, const State& state, const Tensor& prepared,
                  const Tensor& rows, const Columns& columns) const;
  /// The decoder's layers: advances `next.state`, returns the topmost output [N, H].
  Tensor run_cells(const State& state, Tensor input_product, State& next) const;
  /// The embedding's part of the first cell's input product, [..., E] -> [..., G*H], if it stands
  /// apart; else the embedding.
  Tensor prepare(const Memory& memory, const Tensor& embedded, const Columns& columns) const;
  /// The first cell's input product [N, G*H], given what it reads beside the embedding.
  Tensor first_product(const Memory& memory, const Tensor& prepared, const Tensor& beside,
                       const Columns& columns) const;
  /// [..., F] -> what `output` takes.
  Tensor readout(const Tensor& features) const;
  /// What the readout sees: o [..., H], c [..., D] (or undefined), y [..., E] -> [..., F].
  Tensor concat_features(const Tensor& o, const Tensor& c, const Tensor& y) const;
};

}  // namespace weft::models
