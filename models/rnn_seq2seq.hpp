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

  /// What it was made from.
  const RnnConfig& config() const { return static_cast<const RnnConfig&>(Seq2Seq::config()); }

  /// Parameters, with their shapes, from which the size of every other one follows: a file that has
  /// them is not much smaller than the model.
  static std::vector<std::pair<std::string, Shape>> key_shapes(const RnnConfig& config);

  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override;
  Tensor forward(const data::Batch& batch, TeacherForcing forcing = {}) const override;
  /// Forward hooks of `output` are not called.
  Tensor loss(const data::Batch& batch, TeacherForcing forcing = {},
              Reduction reduction = Reduction::mean, double label_smoothing = 0) const override;

  /// What the encoder leaves for the decoder.
  struct Memory {
    Tensor values;              ///< [S, B, D], what attention reads; 0 at padding
    Tensor keys;                ///< [S, B, A], the same projected once a sentence
    Tensor padding;             ///< boolean [S, B], true at padding
    Tensor context;             ///< [B, H], the same at every step, of models with a fixed context
    std::vector<Tensor> final;  ///< what the decoder's first state is made from, [B, ...] each
  };
  /// What the decoder carries from step to step: tensors [N, ...].
  using State = std::vector<Tensor>;
  /// What one step of the decoder gives.
  struct Step {
    Tensor features;   ///< [N, F], what `project` turns into logits
    State state;       ///< after the step
    Tensor attention;  ///< [S, N], the weights on the source; undefined without attention
  };

  /// source [S, B] (ids) or [S, B, F] (frames), lengths [B] -> memory.
  Memory encode(const Tensor& source, const Tensor& lengths) const;
  /// The state before the first step.
  State start(const Memory& memory) const;
  /// One step: the previous tokens [N] -> features, next state, attention. Row n is of sentence
  /// rows[n] (int64 [N]), or n if `rows` is undefined: many rows may share a sentence's memory.
  Step step(const Memory& memory, const State& state, const Tensor& tokens,
            const Tensor& rows = {}) const;
  /// The features of all steps when every previous token is given: [T, B] -> [T, B, F]. Equal to
  /// T calls of `step`, faster.
  Tensor teach(const Memory& memory, const Tensor& target_in) const;
  /// features [..., F] -> logits [..., V].
  Tensor project(const Tensor& features) const;

  std::unique_ptr<nn::Embedding> source_embedding;  ///< null if it is the target's, or of frames
  std::unique_ptr<nn::Linear> source_projection;    ///< of frames, E from F; else null
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
