#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/batches.hpp"
#include "models/files/atomic_directory.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// What a trainer trains by: a module, the batches it learns from, and their loss. The trainer
/// knows no more of the data than this; they may be text or frames, in memory or on a disk. (The
/// toy tasks of `weft tasks` are data of a translation: data/tasks.)
///
/// Everything here must depend on the arguments and the data alone, and on random numbers of
/// `default_generator()` in `loss`: then a training that is resumed ends with the same bits.
class Task {
 public:
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  /// The module whose parameters are trained; always the same one.
  virtual nn::Module& module() = 0;

  /// How many batches an epoch has, the first being 0; at least 1.
  virtual std::int64_t num_batches(std::int64_t epoch) = 0;
  /// One of them, whatever was asked for before. A trainer asks for them in turn, from wherever it
  /// goes on, so that a task may read ahead.
  virtual data::Batch batch(std::int64_t epoch, std::int64_t index) = 0;
  /// The mean loss over the `target_tokens` of a batch, a scalar.
  virtual Tensor loss(const data::Batch& batch, TeacherForcing forcing, double label_smoothing) = 0;

  /// Whether there are data to validate on; without, nothing below is asked for.
  virtual bool has_validation() const = 0;
  /// The mean loss over the predictions of the validation data. The module is in eval mode. This
  /// and `validation_score` should call `interruption_point` now and then.
  virtual double validation_loss() = 0;
  /// What the log calls the score after "valid_"; "bleu" for example.
  virtual std::string_view score_name() const = 0;
  /// How good the module is at its work on the validation data, the higher the better. It is in
  /// eval mode. Asked for if StopOn says so.
  virtual double validation_score() = 0;

  /// Of all data, in hexadecimal digits, so that no training is resumed on others.
  virtual std::string data_checksum() const = 0;
  /// Writes what a model directory needs beside the module's parameters.
  virtual void save(DirectoryWriter& writer) const = 0;

 protected:
  Task() = default;
};

}  // namespace weft::models
