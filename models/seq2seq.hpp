#pragma once

#include <memory>
#include <string>
#include <vector>

#include "autograd/ops.hpp"
#include "data/batches.hpp"
#include "models/config.hpp"
#include "nn/module.hpp"

/// Sequence-to-sequence models, search, training and the files that keep them. Tensors are
/// time-major; B sentences, S source and T target tokens, E, H and D sizes of embeddings, states
/// and memory.
namespace weft::models {

/// What the encoder leaves for the decoder.
struct Memory {
  Tensor values;              ///< [S, B, D], what attention reads; 0 at padding
  Tensor keys;                ///< [S, B, A], the same projected once a sentence
  Tensor padding;             ///< boolean [S, B], true at padding
  Tensor context;             ///< [B, H], the same at every step, of models without attention
  std::vector<Tensor> final;  ///< what the decoder's first state is made from, [B, ...] each
  /// Parts of parameters in the form that a step needs; the same for every sentence.
  std::vector<Tensor> shared;
  /// int64 [N], for a search: the sentence (0 to B - 1) that each of N rows of a state belongs to;
  /// row n is of sentence n if undefined. Sentences stand here once, however many rows read them.
  Tensor rows;
  std::vector<Memory> members;  ///< of an ensemble's models
};

/// What the decoder carries from step to step: tensors [B, ...].
using State = std::vector<Tensor>;

/// What one step of the decoder gives.
struct Step {
  Tensor features;   ///< [B, F], what `project` turns into logits
  State state;       ///< after the step
  Tensor attention;  ///< [S, B], the weights on the source; undefined without attention
};

/// What one coin decides of how the decoder is fed.
enum class ForcingBy {
  token,     ///< a token of a sentence
  sequence,  ///< all tokens of a sentence
};
/// Their names.
constexpr auto names_of(ForcingBy) {
  return name_table<ForcingBy>("teacher-forcing-by",
                               {{ForcingBy::token, "token"}, {ForcingBy::sequence, "sequence"}});
}

/// How the decoder is fed in training: each previous token is the true one with probability
/// `ratio`, else the model's own arg max. Coins come from the default generator.
struct TeacherForcing {
  double ratio = 1;                 ///< in [0, 1], else Error; 1 takes the faster `teach`
  ForcingBy by = ForcingBy::token;  ///< a coin for each token, or one for each sentence
};

/// A sequence-to-sequence model: all that search, training and evaluation know of it.
class Seq2Seq : public nn::Module {
 public:
  /// Keeps a copy of the configuration without checking it, which is up to the model.
  explicit Seq2Seq(const ModelConfig& config) : config_(config.clone()) {}

  /// What the model was made from: enough to make one of the same shapes.
  const ModelConfig& config() const { return *config_; }

  /// source [S, B] (ids), lengths [B] -> memory.
  virtual Memory encode(const Tensor& source, const Tensor& lengths) const = 0;
  /// The state before the first step.
  virtual State start(const Memory& memory) const = 0;
  /// One step: the previous tokens [B] -> features, next state, attention.
  virtual Step step(const Memory& memory, const State& state, const Tensor& tokens) const = 0;
  /// features [..., F] -> logits [..., V].
  virtual Tensor project(const Tensor& features) const = 0;
  /// Cross-entropy of `project(features)` [T, B, V] against targets [T, B] (kPad: not counted), as
  /// the op of that name. A model may override it to do without all logits in memory.
  virtual Tensor cross_entropy(const Tensor& features, const Tensor& targets, Reduction reduction,
                               double label_smoothing) const;
  /// The features of all steps when every previous token is given: [T, B] -> [T, B, F]. Equal to
  /// T calls of `step`, faster.
  virtual Tensor teach(const Memory& memory, const Tensor& target_in) const = 0;

  /// Logits [T, B, V] of a batch under teacher forcing.
  Tensor forward(const data::Batch& batch, TeacherForcing forcing = {}) const;
  /// Cross-entropy of a batch: the mean over its target tokens, or their sum. `label_smoothing` in
  /// [0, 1] is the share of each target that is spread over all words (Szegedy et al. 2016,
  /// arXiv:1512.00567, section 7).
  Tensor loss(const data::Batch& batch, TeacherForcing forcing = {},
              Reduction reduction = Reduction::mean, double label_smoothing = 0) const;

 private:
  Tensor features(const Memory& memory, const Tensor& target_in, TeacherForcing forcing) const;

  std::unique_ptr<ModelConfig> config_;
};

/// The rows `rows` [N] of a state, in that order.
State reorder(const State& state, const Tensor& rows);

}  // namespace weft::models
