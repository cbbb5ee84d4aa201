#pragma once

#include <memory>
#include <string>

#include "autograd/ops.hpp"
#include "data/batches.hpp"
#include "models/config.hpp"
#include "models/session.hpp"
#include "models/teacher_forcing.hpp"
#include "nn/module.hpp"

/// Sequence-to-sequence models, search, training, and their files. Tensors are time-major. B is the
/// batch size, S the source length, T the target length; E, H and D are the sizes of embeddings,
/// hidden states and encoder outputs.
namespace weft::models {

/// A sequence-to-sequence model: the interface that search, training and evaluation use. A family
/// must implement `open`. `forward` and `loss` have default implementations that run a session step
/// by step; a family overrides them for speed.
class Seq2Seq : public nn::Module {
 public:
  /// Keeps a copy of the configuration. Validating it is up to the derived class.
  explicit Seq2Seq(const ModelConfig& config) : config_(config.clone()) {}

  /// The configuration, from which a model of the same shapes can be made.
  const ModelConfig& config() const { return *config_; }

  /// Encodes the sources of a batch and returns a session with one row for each. Records if
  /// recording is on. The session may keep tensors of the batch, which must not change while it
  /// lives, but not the batch itself.
  virtual std::unique_ptr<Session> open(const data::SourceBatch& batch) const = 0;

  /// What each layer and head of the decoder attended to while it read a translation:
  /// [layers, heads, T, S] for S source ids and T target ids, without `<eos>`. Undefined for models
  /// with a single attention, which predictions have, and for those without.
  virtual Tensor head_attention(const std::vector<std::int64_t>& source,
                                const std::vector<std::int64_t>& target) const;

  /// Predictions for the targets of a batch: [T, B, V], log p up to a constant as in Prediction.
  /// Equals T steps of a session fed according to `forcing`.
  virtual Tensor forward(const data::Batch& batch, TeacherForcing forcing = {}) const;

  /// Cross-entropy of a batch: the mean or sum over its target tokens. `label_smoothing` in [0, 1]
  /// is the probability mass that is spread over the whole vocabulary (Szegedy et al. 2016,
  /// arXiv:1512.00567, section 7).
  virtual Tensor loss(const data::Batch& batch, TeacherForcing forcing = {},
                      Reduction reduction = Reduction::mean, double label_smoothing = 0) const;

 private:
  std::unique_ptr<ModelConfig> config_;
};

}  // namespace weft::models
