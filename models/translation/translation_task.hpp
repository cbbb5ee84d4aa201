#pragma once

#include <cstdint>
#include <vector>

#include "data/augment.hpp"
#include "data/batches.hpp"
#include "data/corpus.hpp"
#include "models/training/task.hpp"
#include "models/translation/translator.hpp"

namespace weft::models {

/// The data that a translator learns from.
struct TranslationData {
  std::vector<data::SentencePair> train;   ///< ids in the translator's languages
  std::vector<data::SentencePair> valid;   ///< the same; may be empty
  std::vector<data::TextPair> valid_text;  ///< the text of `valid`, only for BLEU
};

/// How batches are made from the data.
struct TranslationBatches {
  data::BatchSize size = {};          ///< in training and validation
  std::uint64_t seed = 1;             ///< of the order of batches and of augmentation
  data::AugmentOptions augment = {};  ///< how additional pairs are made from the training pairs
};

/// Trains a translator on pairs in memory. Validation measures cross-entropy and the BLEU of greedy
/// translations.
class TranslationTask : public Task {
 public:
  /// The translator must outlive the task.
  TranslationTask(Translator& translator, TranslationData data, const TranslationBatches& batches);

  nn::Module& module() override { return *translator_.model; }
  std::int64_t num_batches(std::int64_t epoch) override;
  data::Batch batch(std::int64_t epoch, std::int64_t index) override;
  Tensor loss(const data::Batch& batch, TeacherForcing forcing, double label_smoothing) override;
  bool has_validation() const override { return !data_.valid.empty(); }
  double validation_loss() override;
  std::string_view score_name() const override { return "bleu"; }
  double validation_score() override;
  std::string data_checksum() const override;
  void save(DirectoryWriter& writer) const override;

 private:
  const data::BatchPlan& plan(std::int64_t epoch);
  data::Batch augmented_batch(std::int64_t epoch, const std::vector<std::int64_t>& rows) const;

  Translator& translator_;
  TranslationData data_;
  TranslationBatches batches_;
  data::BatchPlan plan_;  // of the epoch requested last
  std::int64_t planned_epoch_ = -1;
};

}  // namespace weft::models
