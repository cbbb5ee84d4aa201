#include "models/translation/translation_task.hpp"

#include <set>

#include "models/translation/evaluate.hpp"
#include "tests/catch.hpp"
#include "tests/models/training/training.hpp"

namespace weft::models {
namespace {

using data::TemporaryFolder;

constexpr std::int64_t kPairs = 23;
constexpr std::int64_t kSize = 5;

TranslationTask task_of(Translator& translator, std::uint64_t seed = 1,
                        const data::AugmentOptions& augment = {}) {
  return {translator, copy_data(translator, kPairs, 6), {{.sentences = kSize}, seed, augment}};
}

bool same_batch(const data::Batch& a, const data::Batch& b) {
  return a.source.shape() == b.source.shape() && a.target_out.shape() == b.target_out.shape() &&
         identical(a.source, b.source) && identical(a.source_lengths, b.source_lengths) &&
         identical(a.target_in, b.target_in) && identical(a.target_out, b.target_out) &&
         a.target_tokens == b.target_tokens;
}

TEST_CASE("a batch depends on epoch and index alone, in whatever order it is asked for") {
  for (const data::AugmentOptions& augment :
       {data::AugmentOptions{}, data::AugmentOptions{.word_dropout = 0.3, .word_noise = 2}}) {
    Translator translator = tiny_translator();
    TranslationTask in_order = task_of(translator, 1, augment);
    std::vector<data::Batch> batches;
    for (std::int64_t epoch = 0; epoch < 2; ++epoch) {
      REQUIRE(in_order.num_batches(epoch) == 5);
      for (std::int64_t i = 0; i < 5; ++i) {
        batches.push_back(in_order.batch(epoch, i));
      }
    }
    TranslationTask at_random = task_of(translator, 1, augment);
    const std::uint64_t drawn = default_generator().position();
    for (const std::size_t n : {7U, 2U, 9U, 2U, 0U, 5U}) {
      INFO(n);
      const auto epoch = static_cast<std::int64_t>(n / 5);
      CHECK(same_batch(at_random.batch(epoch, static_cast<std::int64_t>(n % 5)), batches[n]));
    }
    CHECK(default_generator().position() == drawn);
  }
}

TEST_CASE("an epoch's batches hold each pair once, in an order of seed and epoch") {
  Translator translator = tiny_translator();
  TranslationTask task = task_of(translator);
  TranslationTask other = task_of(translator, 2);
  std::int64_t sentences = 0;
  std::int64_t predictions = 0;
  bool moved = false;
  bool differs = false;
  for (std::int64_t i = 0; i < task.num_batches(0); ++i) {
    const data::Batch batch = task.batch(0, i);
    sentences += batch.source_lengths.numel();
    predictions += batch.target_tokens;
    moved = moved || !same_batch(batch, task.batch(1, i));
    differs = differs || !same_batch(batch, other.batch(0, i));
  }
  CHECK(sentences == kPairs);
  std::int64_t expected = 0;
  for (const data::SentencePair& pair : copy_task(kPairs)) {
    expected += std::ssize(pair.target) + 1;
  }
  CHECK(predictions == expected);
  CHECK(moved);
  CHECK(differs);
}

TEST_CASE("the checksum tells other pairs and other words, not other parameters") {
  Translator translator = tiny_translator();
  const auto checksum = [&](TranslationData data) {
    return TranslationTask(translator, std::move(data), {}).data_checksum();
  };
  const std::string own = checksum(copy_data(translator, 8, 3));
  CHECK(own.size() == 16);
  Translator again = tiny_translator("tutorial", 0, 7);
  CHECK(TranslationTask(again, copy_data(again, 8, 3), {}).data_checksum() == own);
  std::set<std::string> all = {own};
  all.insert(checksum(copy_data(translator, 9, 3)));
  all.insert(checksum(copy_data(translator, 8, 2)));
  TranslationData longer = copy_data(translator, 8, 3);
  longer.train[3].target.push_back(5);
  all.insert(checksum(longer));
  data::TokenCounts counts = {{"other", 1}};
  translator.target.vocabulary = data::Vocabulary::build(counts, 1);
  all.insert(checksum(copy_data(again, 8, 3)));
  CHECK(all.size() == 5);
}

TEST_CASE("validation measures loss and BLEU as evaluations do") {
  Translator translator = tiny_translator();
  translator.model->eval();
  TranslationTask task = task_of(translator);
  const TranslationData data = copy_data(translator, kPairs, 6);
  CHECK(task.has_validation());
  CHECK(task.validation_loss() == mean_loss(*translator.model, data.valid, {.sentences = kSize}));
  CHECK(task.validation_score() == validation_bleu(translator, data.valid_text, 2));
  CHECK(task.validation_score() ==
        evaluate(translator, data.valid_text, 4, data::BleuTokenization::none).bleu);
  CHECK_FALSE(TranslationTask(translator, copy_data(translator, 3, 0), {}).has_validation());
}

TEST_CASE("validation reads references as the model writes them") {
  const data::Tokenizer lower({.lowercase = true, .normalize = data::Normalization::nfc});
  Translator translator = tiny_translator("bahdanau2015", 0, 2);  // says something
  translator.source.tokenizer = translator.target.tokenizer = lower;
  translator.model->eval();
  std::vector<data::TextPair> pairs;
  for (const std::string source : {"w1 w2", "w3", "w4 w5 w6", "w7 w8"}) {
    std::string reference = translator.translate({source}, 1)[0];
    REQUIRE(reference.size() > 3);
    reference[0] = 'W';
    pairs.push_back({source, reference});
  }
  CHECK(validation_bleu(translator, pairs, 4) == Approx(100));
  CHECK(evaluate(translator, pairs, 4, data::BleuTokenization::none).bleu < 99);
}

TEST_CASE("a task saves what a translator needs") {
  const TemporaryFolder folder;
  Translator translator = tiny_translator();
  TranslationTask task = task_of(translator);
  save_model(folder.path("model"),
             SavedModel{task.module(), [&](DirectoryWriter& writer) { task.save(writer); }});
  CHECK(same_parameters(*Translator::load(folder.path("model")).model, *translator.model));
}

}  // namespace
}  // namespace weft::models
