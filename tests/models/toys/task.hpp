#pragma once

#include "models/training/task.hpp"

namespace weft::models::toys {

/// A task that trains and validates on batches made by `examples`, of 16 in training.
class ToyTask : public Task {
 public:
  explicit ToyTask(Seq2Seq& model) : model_(model) {}

  nn::Module& module() override { return model_; }
  std::int64_t num_batches(std::int64_t /*epoch*/) override { return 20; }
  data::Batch batch(std::int64_t epoch, std::int64_t index) override {
    return examples(16 * (20 * epoch + index), 16);
  }
  Tensor loss(const data::Batch& batch, TeacherForcing forcing, double smoothing) override {
    return model_.loss(batch, forcing, Reduction::mean, smoothing);
  }
  bool has_validation() const override { return true; }
  double validation_loss() override { return model_.loss(examples(-64, 64)).item(); }
  std::string_view score_name() const override { return "score"; }
  double validation_score() override { return -validation_loss(); }
  std::string data_checksum() const override { return "0"; }
  void save(DirectoryWriter& writer) const override { writer.write_file("toy.txt", "a toy\n"); }

  /// Returns `count` examples from number `first` on, the same on every call. Those with negative
  /// numbers are never used for training.
  virtual data::Batch examples(std::int64_t first, std::int64_t count) const = 0;

 private:
  Seq2Seq& model_;
};

/// Pairs of ids, made by a function of a generator.
class PairsTask : public ToyTask {
 public:
  using Maker = data::SentencePair (*)(Generator& generator);
  PairsTask(Seq2Seq& model, Maker make) : ToyTask(model), make_(make) {}

  data::SentencePair example(std::int64_t number) const {
    Generator generator(static_cast<std::uint64_t>(number));
    return make_(generator);
  }
  data::Batch examples(std::int64_t first, std::int64_t count) const override {
    std::vector<data::SentencePair> pairs;
    std::vector<std::int64_t> rows;
    for (std::int64_t i = 0; i < count; ++i) {
      pairs.push_back(example(first + i));
      rows.push_back(i);
    }
    return data::make_batch(pairs, rows);
  }

 private:
  Maker make_;
};

}  // namespace weft::models::toys
