#pragma once

#include <memory>
#include <string>

#include "autograd/ops.hpp"
#include "data/batches.hpp"
#include "models/config.hpp"
#include "models/session.hpp"
#include "models/teacher_forcing.hpp"
#include "nn/module.hpp"

/// Sequence-to-sequence models, search, training and the files that keep them. Tensors are
/// time-major; B sentences, S source positions and T target tokens, E, H and D sizes of embeddings,
/// states and memory.
namespace weft::models {

/// A sequence-to-sequence model: all that search, training and evaluation know of it. A family says
/// how a session is opened; the rest follows from that, step by step, until the family overrides it
/// with something faster.
class Seq2Seq : public nn::Module {
 public:
  /// Keeps a copy of the configuration without checking it, which is up to the model.
  explicit Seq2Seq(const ModelConfig& config) : config_(config.clone()) {}

  /// What the model was made from: enough to make one of the same shapes.
  const ModelConfig& config() const { return *config_; }

  /// Begins to translate the sources of a batch: a session with a row for each. Records what it
  /// does if recording is on. A session may keep the batch's tensors, which must not be changed
  /// meanwhile, but not the batch.
  virtual std::unique_ptr<Session> open(const data::SourceBatch& batch) const = 0;

  /// What the model predicts of a batch's targets: [T, B, V], log p up to a constant as in
  /// Prediction. Equal to T steps of a session that are fed as `forcing` says.
  virtual Tensor forward(const data::Batch& batch, TeacherForcing forcing = {}) const;

  /// Cross-entropy of a batch: the mean over its target tokens, or their sum. `label_smoothing` in
  /// [0, 1] is the share of each target that is spread over all words (Szegedy et al. 2016,
  /// arXiv:1512.00567, section 7).
  virtual Tensor loss(const data::Batch& batch, TeacherForcing forcing = {},
                      Reduction reduction = Reduction::mean, double label_smoothing = 0) const;

 private:
  std::unique_ptr<ModelConfig> config_;
};

}  // namespace weft::models
