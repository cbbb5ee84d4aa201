#include "models/translation/translation_task.hpp"

#include <xxhash.h>

#include <iterator>

#include "models/translation/evaluate.hpp"
#include "models/translation/model_files.hpp"

namespace weft::models {
namespace {

/// Numbers that differ if the sentence pairs differ.
std::vector<std::int64_t> content(const TranslationData& data) {
  std::vector<std::int64_t> numbers;
  const auto add = [&](const std::vector<std::int64_t>& ids) {
    numbers.push_back(std::ssize(ids));
    numbers.insert(numbers.end(), ids.begin(), ids.end());
  };
  for (const auto* pairs : {&data.train, &data.valid}) {
    numbers.push_back(std::ssize(*pairs));
    for (const data::SentencePair& pair : *pairs) {
      add(pair.source);
      add(pair.target);
    }
  }
  return numbers;
}

/// The meaning of the ids in both languages.
std::string words(const Translator& translator) {
  std::string text;
  for (const data::Vocabulary* vocabulary :
       {&translator.source.vocabulary, &translator.target.vocabulary}) {
    for (std::int64_t id = 0; id < vocabulary->size(); ++id) {
      text += vocabulary->token(id) + '\n';
    }
  }
  return text;
}

}  // namespace

TranslationTask::TranslationTask(Translator& translator, TranslationData data,
                                 const TranslationBatches& batches)
    : translator_(translator), data_(std::move(data)), batches_(batches) {}

const data::BatchPlan& TranslationTask::plan(std::int64_t epoch) {
  if (epoch != planned_epoch_) {
    plan_ = data::plan_training(data_.train, batches_.size, batches_.seed,
                                static_cast<std::uint64_t>(epoch));
    planned_epoch_ = epoch;
  }
  return plan_;
}

std::int64_t TranslationTask::num_batches(std::int64_t epoch) { return std::ssize(plan(epoch)); }

data::Batch TranslationTask::batch(std::int64_t epoch, std::int64_t index) {
  const std::vector<std::int64_t>& rows = plan(epoch).at(static_cast<std::size_t>(index));
  return batches_.augment.active() ? augmented_batch(epoch, rows)
                                   : data::make_batch(data_.train, rows);
}

data::Batch TranslationTask::augmented_batch(std::int64_t epoch,
                                             const std::vector<std::int64_t>& rows) const {
  const data::Augmenter augmenter(batches_.augment, batches_.seed, translator_.source,
                                  translator_.target);
  std::vector<data::SentencePair> pairs;
  std::vector<std::int64_t> all;
  for (const std::int64_t row : rows) {
    all.push_back(std::ssize(all));
    pairs.push_back(augmenter.make(data_.train[static_cast<std::size_t>(row)], row, epoch));
  }
  return data::make_batch(pairs, all);
}

Tensor TranslationTask::loss(const data::Batch& batch, TeacherForcing forcing,
                             double label_smoothing) {
  return translator_.model->loss(batch, forcing, Reduction::mean, label_smoothing);
}

double TranslationTask::validation_loss() {
  return mean_loss(*translator_.model, data_.valid, batches_.size);
}

double TranslationTask::validation_score() {
  return validation_bleu(translator_, data_.valid_text, batches_.size.sentences);
}

std::string TranslationTask::data_checksum() const {
  const std::string text = words(translator_);
  const std::vector<std::int64_t> numbers = content(data_);
  const XXH64_hash_t seed = XXH3_64bits(text.data(), text.size());
  const std::size_t bytes = numbers.size() * sizeof(std::int64_t);
  return fmt::format("{:016x}", XXH3_64bits_withSeed(numbers.data(), bytes, seed));
}

void TranslationTask::save(DirectoryWriter& writer) const { write_translator(writer, translator_); }

}  // namespace weft::models
