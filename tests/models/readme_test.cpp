// The snippets of models/README.md, compiled and run; the last test finds each of them here.

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "models/checks/leakcheck.hpp"
#include "models/checks/module_checks.hpp"
#include "models/registry.hpp"
#include "models/rnn_config.hpp"
#include "models/training/trainer.hpp"
#include "models/translation/translation_task.hpp"
#include "models/translation/translator.hpp"
#include "nn/embedding.hpp"
#include "nn/linear.hpp"
#include "nn/mask.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/tiny.hpp"
#include "tests/snippets.hpp"

namespace weft::models {
namespace {

TEST_CASE("the README's translator") {
  const data::TemporaryFolder folder;
  const std::string run = folder.path("run");
  const std::vector<data::TextPair> pairs = {{"the cat sleeps", "le chat dort"},
                                             {"the dog sleeps", "le chien dort"},
                                             {"the cat eats", "le chat mange"},
                                             {"the dog eats", "le chien mange"}};
  auto tokenizers = data::make_tokenizers(pairs, {});
  const auto tokens = data::tokenize(pairs, tokenizers.first, tokenizers.second);
  auto [source, target] = data::make_languages(std::move(tokenizers), tokens, {});
  const auto ids = data::encode(tokens, source.vocabulary, target.vocabulary);

  RnnConfig config = rnn_preset("bahdanau2015");
  config.emb = config.hidden = 16;
  manual_seed(1);
  Translator translator =
      Translator::make(config, std::move(source), std::move(target), Json::object());
  TranslationTask task(translator, {.train = ids, .valid = ids, .valid_text = pairs}, {});
  TrainingConfig training;
  training.epochs = 60;
  training.lr = 0.02;
  Trainer(task, training, default_generator(), run, false).run();

  const Translator best = Translator::load(run);
  CHECK(best.translate({"the dog eats"}, 1).front() == "le chien mange");
}

TEST_CASE("the README's session") {
  const data::Batch pairs = tiny_batch();
  const data::SourceBatch batch = {pairs.source, pairs.source_lengths};
  const auto made = make_model(tiny_config("bahdanau2015"));
  const Seq2Seq& model = *made;
  const NoGradGuard guard;
  const auto session = model.open(batch);
  Tensor tokens = full({3}, data::kBos, DType::int64);  // of three sentences
  for (int t = 0; t < 5; ++t) {
    const Prediction next = session->step(tokens);  // log_p [3, V]
    tokens = argmax(next.log_p);                    // [3]
  }
  CHECK(tokens.shape() == Shape{3});
}

struct BagConfig : FamilyConfig<BagConfig> {
  std::int64_t size = data::option(&size, "size", 24, {1, 512}, "width of an embedding");
  void check() const override {}  // fields that do not go together
};

class BagModel : public Seq2Seq {
 public:
  explicit BagModel(const BagConfig& config)
      : Seq2Seq(config),
        source_embedding(config.source_vocab, config.size),
        target_embedding(config.target_vocab, config.size),
        output(config.size, config.target_vocab) {
    child("source_embedding", source_embedding);
    child("target_embedding", target_embedding);
    child("output", output);
  }
  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override;

  nn::Embedding source_embedding, target_embedding;
  nn::Linear output;
};

class BagSession : public Session {
 public:
  BagSession(const BagModel& model, Tensor bag) : model_(model), bag_(std::move(bag)) {}

  Prediction step(const Tensor& tokens) override {
    const Tensor y = model_.target_embedding.forward(tokens);                  // [N, E]
    return {.log_p = model_.output.forward(tanh(bag_ + y)), .attention = {}};  // [N, V]
  }
  void select(const Tensor& rows) override { bag_ = index_select(bag_, 0, rows); }
  void join(std::unique_ptr<Session> other) override {
    bag_ = cat({bag_, dynamic_cast<BagSession&>(*other).bag_}, 0);
  }

 private:
  const BagModel& model_;
  Tensor bag_;  // [N, E], the sum of the source's embeddings
};

std::unique_ptr<Session> BagModel::open(const data::SourceBatch& batch) const {
  const Tensor padding = nn::padding_mask(batch.source_lengths, batch.source.size(0));  // [S, B]
  const Tensor x = source_embedding.forward(batch.source);                              // [S, B, E]
  const Tensor real = masked_fill(x, reshape(padding, {-1, padding.size(1), 1}), 0);
  return std::make_unique<BagSession>(*this, sum(real, {0}));
}

std::unique_ptr<ModelConfig> bag_config(std::string_view preset) {
  auto config = std::make_unique<BagConfig>();
  config->preset = preset;
  return config;
}

std::vector<Variant> bag_variants(std::string_view preset) {
  std::vector<Variant> all;
  all.push_back({.name = "as it is", .config = bag_config(preset)});
  return all;
}

Family bag_family() {
  const auto own = [](const ModelConfig& c) { return dynamic_cast<const BagConfig&>(c); };
  return {
      .name = "bag",
      .presets = {"bag-of-words"},
      .config = bag_config,
      .make = [own](const ModelConfig& c) { return std::make_unique<BagModel>(own(c)); },
      .key_shapes =
          [own](const ModelConfig& c) {
            return std::vector<std::pair<std::string, Shape>>{
                {"source_embedding.weight", {c.source_vocab, own(c).size}},
                {"output.weight", {c.target_vocab, own(c).size}}};
          },
      .variants = bag_variants,
      .resize = [](ModelConfig& c,
                   const SizeSource& size) { dynamic_cast<BagConfig&>(c).size = size(); },
  };
}

TEST_CASE("the README's family") {
  const FamilyScope registered(bag_family());
  CHECK(check_module("loss/bag-of-words", 5).failures.empty());
  for (const VariantLeaks& variant : leakcheck_variants("bag-of-words")) {
    CHECK(variant.report.ok());
  }
}

TEST_CASE("every snippet of the README is in this file") {
  CHECK(testing::check_snippets("models/README.md", "tests/models/readme_test.cpp") == 6);
}

}  // namespace
}  // namespace weft::models
