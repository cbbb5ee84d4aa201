#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/batches.hpp"
#include "models/files/atomic_directory.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// What a trainer optimizes: a module, the batches it learns from, and their loss. The trainer
/// knows nothing else about the data, which may be text or frames, in memory or on disk. (The toy
/// tasks of `weft tasks` are not Tasks but training data for translation: data/tasks.)
///
/// All results must depend only on the arguments, the data and, in `loss`, random numbers from
/// `default_generator()`. A resumed training then ends bit-identical to an uninterrupted one.
class Task {
 public:
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  /// The module whose parameters are trained; always the same object.
  virtual nn::Module& module() = 0;

  /// The number of batches in an epoch, at least 1. The first epoch is 0.
  virtual std::int64_t num_batches(std::int64_t epoch) = 0;
  /// Returns one batch, independent of earlier calls. A trainer requests batches in order from
  /// wherever it starts, so a task may prefetch.
  virtual data::Batch batch(std::int64_t epoch, std::int64_t index) = 0;
  /// The mean loss over the `target_tokens` of a batch, as a scalar; at least 0, as a negative
  /// log-likelihood is.
  virtual Tensor loss(const data::Batch& batch, TeacherForcing forcing, double label_smoothing) = 0;

  /// Whether there are validation data; without them, the functions below are not called.
  virtual bool has_validation() const = 0;
  /// The mean loss over the predictions on the validation data, likewise. The module is in eval
  /// mode. This function and `validation_score` should call `interruption_point` now and then.
  virtual double validation_loss() = 0;
  /// The name of the score in the log, after "valid_"; for example "bleu".
  virtual std::string_view score_name() const = 0;
  /// The module's quality on the validation data; higher is better. The module is in eval mode.
  /// Called if StopOn requires it. A score that is NaN or infinite, and a search that throws
  /// NotFinitePrediction, are handled according to OnNan.
  virtual double validation_score() = 0;

  /// A checksum of all data, in hexadecimal, so that a training cannot be resumed on different
  /// data.
  virtual std::string data_checksum() const = 0;
  /// Writes the files that a model directory needs in addition to the module's parameters.
  virtual void save(DirectoryWriter& writer) const = 0;

 protected:
  Task() = default;
};

}  // namespace weft::models
