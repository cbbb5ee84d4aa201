#include <cmath>
#include <map>

#include "autograd/tape.hpp"
#include "models/checks/leakcheck.hpp"
#include "models/ensemble.hpp"
#include "models/search/batch_search.hpp"
#include "models/training/trainer.hpp"
#include "models/translation/translator.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/toys/copying.hpp"
#include "tests/models/toys/ctc.hpp"
#include "tests/models/toys/frames.hpp"

// The interfaces support what is to come: models whose sessions have vocabularies of their own, or
// no decoder, and sources that are frames. Each is trained, decoded by beam search and checked for
// leaks.
namespace weft::models::toys {
namespace {

using Ids = std::vector<std::int64_t>;

constexpr std::int64_t kTested = 100;  // examples that were never trained on

void train(Task& task, double lr) {
  const data::TemporaryFolder folder;
  TrainingConfig config;
  config.epochs = 15;
  config.lr = lr;
  Trainer(task, config, Generator(1), folder.path("run"), false).run();
}

// The share of the tested examples for which a beam finds the target.
double found_exactly(Seq2Seq& model, const data::SourceBatch& batch,
                     const std::vector<Ids>& targets) {
  model.eval();
  const auto found = decode(model, batch, {.beam = 3, .max_length = 12});
  std::int64_t right = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    right += found[i].front().tokens == targets[i] ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(targets.size());
}

double found_exactly(Seq2Seq& model, const PairsTask& task) {
  std::vector<Ids> sources;
  std::vector<Ids> targets;
  Ids rows;
  for (std::int64_t i = 0; i < kTested; ++i) {
    const data::SentencePair pair = task.example(-1000 - i);
    sources.push_back(pair.source);
    targets.push_back(pair.target);
    rows.push_back(i);
  }
  return found_exactly(model, data::make_source_batch(sources, rows), targets);
}

std::unique_ptr<Seq2Seq> make_toy(std::string_view name, std::int64_t target_vocab,
                                  std::uint64_t seed) {
  manual_seed(seed);
  const std::unique_ptr<ModelConfig> config = preset(name);
  config->source_vocab = 20;
  config->target_vocab = target_vocab;
  return make_model(*config);
}

void check_leaks(std::string_view name) {
  const std::vector<VariantLeaks> all = leakcheck_variants(std::string(name));
  REQUIRE(all.size() == 1);
  for (const LeakReport::Row& row : all[0].report.rows) {
    INFO(row.check << ": " << row.detail);
    CHECK(row.ok);
  }
}

// One to four words, to be copied one by one; none is in the target vocabulary.
data::SentencePair to_copy(Generator& generator) {
  data::SentencePair pair;
  for (std::int64_t n = 1 + generator.integer(4); n > 0; --n) {
    pair.target.push_back(data::kSpecials + std::ssize(pair.source));
    pair.source.push_back(data::kSpecials + generator.integer(16));
  }
  return pair;
}

TEST_CASE("a model that copies source words is trained, searched and leak-checked") {
  const FamilyScope registered(toy_family<CopyModel>("copying"));
  const auto model = make_toy("copying", data::kSpecials, 1);
  PairsTask task(*model, to_copy);
  train(task, 0.01);
  CHECK(found_exactly(*model, task) >= 0.9);
  check_leaks("copying");

  // Also as text: words that are not in the target vocabulary.
  data::TokenCounts words;
  for (char letter = 'a'; letter < 'q'; ++letter) {
    words[std::string(1, letter)] = 'q' - letter;
  }
  Translator translator =
      Translator::make(model->config(), {data::Tokenizer(), data::Vocabulary::build(words, 1, 0)},
                       {data::Tokenizer(), data::Vocabulary()}, {});
  translator.model->load_state(model->state());
  translator.model->eval();
  CHECK(translator.translate({"c a p", "f"}, 2) == std::vector<std::string>{"c a p", "f"});
}

// One to three words, each emitted at one to three consecutive positions, with noise in between.
data::SentencePair to_align(Generator& generator) {
  data::SentencePair pair;
  for (std::int64_t n = 1 + generator.integer(3); n > 0; --n) {
    const std::int64_t word = data::kSpecials + generator.integer(8);
    pair.target.push_back(word);
    pair.source.insert(pair.source.end(), static_cast<std::size_t>(1 + generator.integer(3)), word);
    pair.source.push_back(data::kSpecials + 8 + generator.integer(8));
  }
  return pair;
}

TEST_CASE("a model without a decoder, whose session sums over alignments, is the same to all") {
  const FamilyScope registered(toy_family<CtcModel>("ctc"));
  const auto model = make_toy("ctc", data::kSpecials + 8, 1);
  PairsTask task(*model, to_align);
  train(task, 0.1);
  CHECK(found_exactly(*model, task) >= 0.9);
  check_leaks("ctc");
}

TEST_CASE("a session's probabilities of all targets add up over all alignments") {
  const FamilyScope registered(toy_family<CtcModel>("ctc"));
  const auto model = make_toy("ctc", data::kSpecials + 2, 3);
  model->eval();
  // Three positions that emit one of two words or a blank allow 15 targets, of 1 to 3 words or
  // empty; those whose repetitions have no room for a blank are impossible.
  const data::SourceBatch batch = data::make_source_batch(std::vector<Ids>{{4, 5, 6}}, {0});
  const auto all =
      decode(*model, batch, {.beam = 200, .length_penalty = 0, .nbest = 200, .max_length = 4});
  double total = 0;
  for (const Hypothesis& hypothesis : all[0]) {
    total += std::exp(hypothesis.score);
  }
  CHECK(total == Approx(1).epsilon(1e-4));
}

TEST_CASE("a task whose sources are frames is trained, searched and leak-checked") {
  manual_seed(1);
  const auto model = make_model(frames_config());
  FramesTask task(*model);
  train(task, 0.01);
  std::vector<Tensor> frames;
  std::vector<Ids> targets;
  Ids rows;
  for (std::int64_t i = 0; i < kTested; ++i) {
    FramesTask::Example example = FramesTask::example(-1000 - i);
    frames.push_back(example.frames);
    targets.push_back(example.tokens);
    rows.push_back(i);
  }
  CHECK(found_exactly(*model, data::make_source_batch(frames, rows), targets) >= 0.9);

  RnnConfig config = frames_config();
  config.target_vocab = leakcheck_vocab();
  CHECK(leakcheck(*make_model(config)).ok());
  const auto of_tokens = data::make_source_batch(std::vector<Ids>{{4, 5}}, {0});
  CHECK_THROWS_WITH(model->open(of_tokens),
                    Catch::Matchers::StartsWith("source: got tokens [2, 1]; "
                                                "expected frames"));
}

// The words of both models, as different as they are: what only one of them can emit gets half of
// its probability.
TEST_CASE("an ensemble of unlike models searches over the larger vocabulary") {
  const FamilyScope copying(toy_family<CopyModel>("copying"));
  const FamilyScope ctc(toy_family<CtcModel>("ctc"));
  std::vector<std::unique_ptr<Seq2Seq>> members;
  members.push_back(make_toy("copying", data::kSpecials + 2, 1));
  members.push_back(make_toy("ctc", data::kSpecials + 2, 2));
  const auto a = make_toy("copying", data::kSpecials + 2, 1);
  const auto b = make_toy("ctc", data::kSpecials + 2, 2);
  Ensemble both(std::move(members));
  both.eval();
  const NoGradGuard guard;
  const data::SourceBatch batch = data::make_source_batch(std::vector<Ids>{{4, 5, 6}, {7}}, {0, 1});
  const Tensor bos = full({2}, data::kBos, DType::int64);
  const Tensor p = softmax(both.open(batch)->step(bos).log_p, -1);  // [2, 6 + 3]
  const Tensor of_a = softmax(a->open(batch)->step(bos).log_p, -1);
  const Tensor of_b = softmax(b->open(batch)->step(bos).log_p, -1);
  REQUIRE(p.shape() == Shape{2, 9});
  const auto close = [](const Tensor& x, const Tensor& y) {
    const std::vector<float> difference = (x - y).to_vector<float>();
    return std::ranges::all_of(difference, [](float d) { return std::abs(d) < 1e-6F; });
  };
  CHECK(close(narrow(p, 1, 0, 6), (narrow(of_a, 1, 0, 6) + of_b) * 0.5));
  CHECK(close(narrow(p, 1, 6, 3), narrow(of_a, 1, 6, 3) * 0.5));
  CHECK(decode(both, batch, {.beam = 4, .max_length = 5}).size() == 2);
}

}  // namespace
}  // namespace weft::models::toys
